package dev.halley.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of W3C Trace Context, sections 3.2 and 3.3. */
class TraceContextTest {
  private static final String ID = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00-" + ID + "-00f067aa0ba902b7-01";

  private static Optional<TraceContext> parse(String parent) {
    return TraceContext.parse(parent, Optional.empty());
  }

  private static Optional<String> state(String state) {
    return TraceContext.parse(PARENT, Optional.of(state)).orElseThrow().tracestate();
  }

  @Test
  void whatIsValidIsPassedOnAsItIs() {
    for (String flags : new String[] {"00", "01", "03", "ff"}) {
      String parent = "00-" + ID + "-00f067aa0ba902b7-" + flags;
      assertThat(parse(parent)).contains(new TraceContext(parent, Optional.empty()));
    }
    assertThat(parse(PARENT).orElseThrow().traceId()).isEqualTo(ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b\"-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01what",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      })
  void whatBreaksARuleIsAsGoodAsNone(String parent) {
    assertThat(parse(parent)).isEmpty();
    assertThat(TraceContext.parse(parent, Optional.of("rojo=1"))).isEmpty();
  }

  @Test
  void ofALaterVersionWhatIsKnownIsPassedOn() {
    String rest = "-" + ID + "-00f067aa0ba902b7-";
    assertThat(parse("01" + rest + "09")).contains(new TraceContext(PARENT, Optional.empty()));
    assertThat(parse("cc" + rest + "01-what")).contains(new TraceContext(PARENT, Optional.empty()));
    assertThat(parse("01" + rest + "fe").orElseThrow().traceparent()).isEqualTo("00" + rest + "00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rojo=00f067aa0ba902b7",
        "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
        "a=1, b=2 ,,c=3",
        "fw529a3039@dt=FfAqzHMAAAAC;\"quoted\"\\",
        "0/_-*=!~ inside",
      })
  void aStateIsPassedOnAsItIs(String state) {
    assertThat(state(state)).contains(state);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "rojo",
        "=1",
        "rojo=",
        "Rojo=1",
        "rojo=1=2",
        "rojo=\u0007",
        "rojo=ä",
        "ro jo=1",
        "rojo=1,congo",
      })
  void aStateThatBreaksARuleIsLeftOutAlone(String state) {
    assertThat(state(state)).isEmpty();
  }

  @Test
  void aStateIsBounded() {
    assertThat(state("a=" + "x".repeat(510))).isPresent();
    assertThat(state("a=" + "x".repeat(511))).isEmpty();
    assertThat(state("a=1,".repeat(31) + "a=1")).isPresent();
    assertThat(state("a=1,".repeat(32) + "a=1")).isEmpty();
  }

  @Test
  void aPayloadCarriesItAndCountsItAsKept() {
    Payload plain = Payload.text("hello");
    Payload traced = plain.tracedBy(TraceContext.parse(PARENT, Optional.of("a=1")));
    assertThat(plain.tracedBy(Optional.empty())).isSameAs(plain);
    assertThat(plain.keptBytes()).isEqualTo(5);
    assertThat(traced.size()).isEqualTo(5);
    assertThat(traced.keptBytes()).isGreaterThan(5 + PARENT.length() + 3);
    assertThat(traced.trace().orElseThrow().traceparent()).isEqualTo(PARENT);
    assertThat(traced).isNotEqualTo(plain).isEqualTo(plain.tracedBy(traced.trace()));
  }

  @Test
  void whatALogKeepsOfTracesIsBoundedAndGivenBack() {
    Payload traced = Payload.text("x").tracedBy(parse(PARENT));
    BrokerFixture fixture =
        new BrokerFixture(
            MemoryBroker.Config.defaults()
                .withHistory(new HistoryLimits(100, 3L * traced.keptBytes(), Duration.ofHours(1))));
    for (int i = 0; i < 10; i++) {
      fixture.broker.publish("a", traced, Optional.empty()).toCompletableFuture().join();
    }
    assertThat(fixture.kept("a")).hasSize(3);
    long kept = fixture.broker.usedBytes();
    assertThat(kept).isEqualTo(BrokerFixture.cost("a", 3) + 3L * traced.keptBytes());
    fixture.clock.advance(Duration.ofHours(2));
    fixture.broker.expire();
    assertThat(fixture.broker.usedBytes()).isZero();
  }
}
