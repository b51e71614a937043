package dev.halley.showcase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.app.Request;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuresTest {
  @Test
  void aFieldIsCountedWithItsColonAndTheEndOfItsLine() {
    Map<String, String> fields = Map.of("host", "localhost:8080", "accept", "*/*", "x-other", "1");
    Request request =
        new Request(
            "GET",
            "/",
            Map.of(),
            fields,
            Map.of(),
            ByteBuffer.allocate(0),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));

    assertThat(Measures.fieldBytes(request, List.of("Host", "Accept", "Cookie")))
        .isEqualTo("host: localhost:8080\r\naccept: */*\r\n".length());
  }

  @Test
  void timeHasMicroseconds() {
    assertThat(Measures.millis(Instant.ofEpochSecond(1_000, 234_567_000))).isEqualTo(1_000_234.567);
  }
}
