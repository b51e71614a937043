package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.halley.broker.MemoryBroker;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The kinds of I/O that one can choose. */
class IoTest {
  private static boolean isHere(Io io) {
    return switch (io) {
      case AUTO, NIO -> true;
      case EPOLL -> Epoll.isAvailable();
      case IO_URING -> IoUring.isAvailable();
    };
  }

  private static ServerConfig with(Io io) {
    return TestServer.config().withNetwork(new Network(TestServer.HOST, 0, io, 1));
  }

  static Stream<Arguments> everyTransportOnWhatIsHere() {
    return Arrays.stream(Io.values())
        .filter(IoTest::isHere)
        .flatMap(
            io -> Arrays.stream(Listening.values()).map(listening -> arguments(io, listening)));
  }

  static Stream<Io> whatIsNotHere() {
    return Arrays.stream(Io.values()).filter(io -> !isHere(io));
  }

  @ParameterizedTest
  @MethodSource
  void everyTransportOnWhatIsHere(Io io, Listening listening) throws Exception {
    try (TestServer server = TestServer.start(with(io))) {
      server.publish("chat", "kept");
      try (Listener listener = listening.open(server, "chat", "earliest")) {
        assertThat(listener.next()).isEqualTo(new Received.Text("kept"));
        server.publish("chat", "live");
        assertThat(listener.next()).isEqualTo(new Received.Text("live"));
      }
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource
  void whatIsNotHere(Io io) {
    try (MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> HalleyServer.start(with(io), broker))
          .withMessageContaining("choose io auto or nio");
    }
  }
}
