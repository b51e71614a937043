package dev.halley.loadgen;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.halley.broker.HistoryLimits;
import dev.halley.broker.MemoryBroker;
import dev.halley.server.HalleyServer;
import dev.halley.server.ServerConfig;
import dev.halley.server.ServerConfig.Io;
import dev.halley.server.ServerConfig.Network;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.WebSocketListener;
import dev.halley.server.app.WebSocketSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Measurements against a real server, and against one that gets things wrong. */
class LoadTest {
  private static final String CHANNEL = Load.live("load");

  private final List<String> progress = new ArrayList<>();
  private final MemoryBroker broker = MemoryBroker.start(MemoryBroker.Config.defaults());
  private HalleyServer server;

  @BeforeEach
  void start() throws IOException {
    Application wrong =
        Application.builder()
            .webSocket("/wrong", (request, session) -> new WrongEcho(session))
            .webSocket("/rude", LoadTest::hangUp)
            .build();
    server = start(broker, wrong);
  }

  private static HalleyServer start(MemoryBroker broker, Application application)
      throws IOException {
    ServerConfig config =
        ServerConfig.defaults()
            .withNetwork(new Network("127.0.0.1", 0, Io.AUTO, 1))
            .withEchoPath("/echo");
    return HalleyServer.start(config, broker, application);
  }

  @AfterEach
  void stop() {
    server.close();
    broker.close();
  }

  private static WebSocketListener hangUp(Request request, WebSocketSession session) {
    session.close(4001, "not you");
    return new WebSocketListener() {};
  }

  /** Answers all but the hundredth message with what it should. */
  private static final class WrongEcho implements WebSocketListener {
    private final WebSocketSession session;
    private int count;

    WrongEcho(WebSocketSession session) {
      this.session = session;
    }

    @Override
    public void onBinary(ByteBuffer data) {
      if (++count != 100) {
        session.sendBinary(data);
      }
    }
  }

  private LoadResult run(Load load) throws IOException {
    return run(load, server);
  }

  private LoadResult run(Load load, HalleyServer measured) throws IOException {
    return run(load, measured, false);
  }

  private LoadResult run(Load load, HalleyServer measured, boolean deflate) throws IOException {
    try (LoadLoop loop = new LoadLoop(measured.address(), List.of(), deflate)) {
      return load.run(loop, new FixedProbe(), progress::add);
    }
  }

  /** A process that uses a millisecond and 64 KiB between any two looks. */
  private static final class FixedProbe implements ServerProbe {
    private long looks;

    @Override
    public OptionalLong cpuNanos() {
      return OptionalLong.of(++looks * 1_000_000);
    }

    @Override
    public OptionalLong residentBytes() {
      return OptionalLong.of(++looks << 16);
    }
  }

  @Test
  void echoesAreCountedAndTimed() throws IOException {
    LoadResult result = run(new EchoLoad("/echo", 5, 3000, 4, 0.3));
    assertThat(result.faults()).isEmpty();
    assertThat(result.count()).isPositive();
    assertThat(result.seconds()).isBetween(0.3, 20.0);
    LoadResult.Latency latency = result.latency().orElseThrow();
    assertThat(latency.median()).isPositive().isLessThanOrEqualTo(latency.p99());
    assertThat(result.further())
        .containsEntry("server CPU, µs per message", 1000.0 / result.count());
    assertThat(progress).anyMatch(it -> it.contains("connecting"));
  }

  @Test
  void eachDeliveryOfAFanOutIsChecked() throws IOException {
    LoadResult result = run(new FanoutLoad(CHANNEL, 50, 64, 8, 0.3));
    assertThat(result.faults()).isEmpty();
    assertThat(result.count()).isGreaterThan(50);
    assertThat(server.publications() * 50).isGreaterThanOrEqualTo(result.count());
  }

  @Test
  void aFanOutMayBeCompressed() throws IOException {
    LoadResult result = run(new FanoutLoad(CHANNEL, 20, 1024, 4, 0.3), server, true);
    assertThat(result.faults()).isEmpty();
    assertThat(result.count()).isGreaterThan(20);
  }

  @Test
  void payloadsAreJsonOfAnySize() {
    assertThat(UTF_8.decode(Payloads.json(300).position(16)).toString())
        .startsWith("{\"id\":")
        .hasSize(284);
    assertThat(Payloads.json(16).capacity()).isEqualTo(16);
  }

  @Test
  void idleConnectionsAreWeighed() throws IOException {
    LoadResult result = run(new IdleLoad(CHANNEL, 300));
    assertThat(result.faults()).isEmpty();
    assertThat(result.count()).isEqualTo(300);
    assertThat(server.metrics().connectionsAccepted().sum()).isEqualTo(300);
    assertThat(result.further()).containsEntry("server memory, KiB per connection", 64.0 / 300);
  }

  @Test
  void channelsTakeTurns() throws IOException {
    LoadResult result = run(new ChannelsLoad("load-", 20, 60, 64, 4, 0.3));
    assertThat(result.faults()).isEmpty();
    assertThat(result.count()).isGreaterThan(60);
    assertThat(server.publications()).isGreaterThan(20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChannelsLoad("load-", 20, 50, 64, 4, 1));
  }

  @Test
  void whoStallsGetsWhatIsKeptAndTheGapBeforeIt() throws IOException {
    MemoryBroker forgetful =
        MemoryBroker.start(
            MemoryBroker.Config.defaults()
                .withHistory(new HistoryLimits(10, 1 << 20, Duration.ofMinutes(1))));
    try (HalleyServer other = start(forgetful, Application.none())) {
      LoadResult result = run(new StallLoad("load", 2, 64 << 10, 4, 2), other);
      assertThat(result.faults()).isEmpty();
      assertThat(result.count()).isPositive();
      assertThat(result.further().get("told to the stalled one as lost"))
          .isPositive()
          .isLessThan((double) other.publications());
      assertThat(result.further()).containsKeys("÷ the rate when all read", "published meanwhile");
    } finally {
      forgetful.close();
    }
  }

  @Test
  void resumingBringsEachMessageToEachSubscriber() throws IOException {
    LoadResult result = run(new ResumeLoad("load", 40, 100, 64));
    assertThat(result.faults()).isEmpty();
    assertThat(result.count()).isEqualTo(4000);
    assertThat(result.latency()).isPresent();
  }

  @Test
  void whatTheLogNoLongerHasIsAFault() throws IOException {
    MemoryBroker forgetful =
        MemoryBroker.start(
            MemoryBroker.Config.defaults()
                .withHistory(new HistoryLimits(10, 1 << 20, Duration.ofMinutes(1))));
    try (HalleyServer other = start(forgetful, Application.none())) {
      LoadResult result = run(new ResumeLoad("load", 3, 100, 64), other);
      assertThat(result.faults()).isNotEmpty().first().asString().contains("gap load");
    } finally {
      forgetful.close();
    }
  }

  @Test
  void aWrongEchoIsAFault() throws IOException {
    LoadResult result = run(new EchoLoad("/wrong", 1, 8, 2, 5));
    assertThat(result.faults()).containsExactly("an echo isn't what was sent");
  }

  @Test
  void aRefusedConnectionIsAFaultWithItsReason() throws IOException {
    assertThat(run(new EchoLoad("/nothing", 1, 8, 1, 1)).faults())
        .first()
        .asString()
        .startsWith("HTTP/1.1 404 Not Found");
    assertThat(run(new EchoLoad("/rude", 1, 8, 1, 1)).faults())
        .containsExactly("the server closed with 4001 not you");
  }

  @Test
  void aServerThatIsNotThereIsAFault() throws IOException {
    server.close();
    assertThat(run(new IdleLoad(CHANNEL, 2)).faults()).isNotEmpty();
  }

  @Test
  void sizesThatCantCarryANumberAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new EchoLoad("/echo", 1, 7, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new FanoutLoad(CHANNEL, 1, 15, 1, 1));
  }
}
