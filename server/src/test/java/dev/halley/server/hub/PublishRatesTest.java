package dev.halley.server.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelPolicy;
import dev.halley.server.Limit;
import dev.halley.server.Rate;
import dev.halley.server.ServerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublishRatesTest {
  private static final Map<String, Integer> ONE = Map.of("room.1", 1);

  /** Near its overflow, as a nano clock may be. */
  private long now = Long.MAX_VALUE - 1;

  private final ChannelPolicies policies =
      ChannelPolicies.of(
          ServerConfig.defaults()
              .withPolicies(
                  List.of(
                      ChannelPolicy.of("room.*")
                          .withRates(
                              new ChannelPolicy.Rates(
                                  Optional.of(Rate.perSecond(2)),
                                  Optional.of(new Rate(4, Duration.ofSeconds(8))))))));
  private final PublishRates rates = new PublishRates(policies, () -> now, 2);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  /** In seconds. */
  private static int wait(Optional<RateExceeded> exceeded) {
    return exceeded.map(RateExceeded::seconds).orElse(0);
  }

  @Test
  void asManyAsThePeriodTakesAtOnceThenOneByOne() {
    for (int i = 0; i < 4; i++) {
      assertThat(wait(rates.take(ONE))).isZero();
    }
    assertThat(wait(rates.take(ONE))).isEqualTo(2);
    pass(Duration.ofMillis(1_999));
    assertThat(wait(rates.take(ONE))).isEqualTo(1);
    pass(Duration.ofMillis(1));
    assertThat(wait(rates.take(ONE))).isZero();
    assertThat(wait(rates.take(ONE))).isEqualTo(2);
    pass(Duration.ofDays(1));
    for (int i = 0; i < 4; i++) {
      assertThat(wait(rates.take(ONE))).isZero();
    }
    assertThat(wait(rates.take(ONE))).as("no more is saved").isEqualTo(2);
  }

  @Test
  void channelsHaveBucketsOfTheirOwn() {
    assertThat(wait(rates.take(Map.of("room.1", 4)))).isZero();
    assertThat(wait(rates.take(Map.of("room.2", 4)))).isZero();
    assertThat(wait(rates.take(Map.of("lobby", 1_000_000)))).isZero();
    assertThat(rates.channels()).isEqualTo(2);
  }

  @Test
  void aLargeBatchPassesAndIsPaidAfterwards() {
    assertThat(wait(rates.take(Map.of("room.1", 10)))).isZero();
    assertThat(wait(rates.take(ONE))).isEqualTo(14);
    pass(Duration.ofSeconds(14));
    assertThat(wait(rates.take(ONE))).isZero();
  }

  @Test
  void ofARequestAllIsTakenOrNothing() {
    assertThat(wait(rates.take(Map.of("room.1", 4)))).isZero();
    assertThat(wait(rates.take(Map.of("room.1", 1, "room.2", 4)))).isEqualTo(2);
    assertThat(wait(rates.take(Map.of("room.2", 4)))).isZero();
  }

  @Test
  void aConnectionHasAShare() {
    PublishRates.Share first = rates.newShare();
    PublishRates.Share second = rates.newShare();
    assertThat(wait(first.take("room.1"))).isZero();
    assertThat(wait(first.take("room.2"))).isZero();
    assertThat(wait(first.take("room.2"))).as("of all channels of the policy").isEqualTo(1);
    assertThat(wait(first.take("lobby"))).isZero();
    assertThat(wait(second.take("room.1"))).isZero();
    assertThat(wait(second.take("room.1"))).isZero();
    pass(Duration.ofSeconds(1));
    assertThat(wait(first.take("room.1"))).isZero();
    assertThat(wait(first.take("room.1"))).as("what the channel has left").isEqualTo(1);
    assertThat(wait(first.take("room.2"))).as("what was refused did not count").isZero();
  }

  @Test
  void fullBucketsMakePlaceAndOthersWait() {
    assertThat(wait(rates.take(Map.of("room.1", 1)))).isZero();
    assertThat(wait(rates.take(Map.of("room.2", 2)))).isZero();
    assertThat(wait(rates.take(Map.of("room.3", 1)))).isEqualTo(1);
    pass(Duration.ofSeconds(2));
    assertThat(wait(rates.take(Map.of("room.3", 1)))).isZero();
    assertThat(rates.channels()).isEqualTo(2);
  }

  @Test
  void fullBucketsAreLookedForOnceASecondAtMost() {
    assertThat(wait(rates.take(Map.of("room.1", 1, "room.2", 1)))).isZero();
    pass(Duration.ofMillis(1_500));
    assertThat(wait(rates.take(Map.of("room.3", 1)))).as("looked, and none is full").isEqualTo(1);
    pass(Duration.ofMillis(999));
    assertThat(wait(rates.take(Map.of("room.3", 1)))).as("both are full, not looked").isEqualTo(1);
    pass(Duration.ofMillis(1));
    assertThat(wait(rates.take(Map.of("room.3", 1)))).isZero();
    assertThat(rates.channels()).isEqualTo(1);
  }

  @Test
  void itIsSaidWhichRateStandsAgainstIt() {
    PublishRates.Share share = rates.newShare();
    share.take("room.1");
    share.take("room.1");
    assertThat(share.take("room.1")).contains(new RateExceeded(Limit.RATE_PER_CONNECTION, 1));
    rates.take(Map.of("room.1", 2));
    assertThat(rates.take(ONE)).contains(new RateExceeded(Limit.RATE_PER_CHANNEL, 2));
  }
}
