package dev.halley.server.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.AddressRange;
import dev.halley.server.ChannelPolicy;
import dev.halley.server.Limit;
import dev.halley.server.Rate;
import dev.halley.server.Rates;
import dev.halley.server.ServerConfig;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublishRatesTest {
  private static final Map<String, Integer> ONE = Map.of("room.1", 1);
  private static final Map<String, Integer> LOBBY = Map.of("lobby", 1);
  private static final Publisher SOMEBODY = new Publisher(Optional.empty(), Optional.empty());

  /** Near its overflow, as a nano clock may be. */
  private long now = Long.MAX_VALUE - 1;

  private final ServerConfig config =
      ServerConfig.defaults()
          .withPolicies(
              List.of(
                  ChannelPolicy.of("room.*")
                      .withRates(
                          new ChannelPolicy.Rates(
                              Optional.of(Rate.perSecond(2)),
                              Optional.of(new Rate(4, Duration.ofSeconds(8)))))));
  private final PublishRates rates = new PublishRates(config, () -> now, 2);

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
      assertThat(wait(rates.take(SOMEBODY, ONE))).isZero();
    }
    assertThat(wait(rates.take(SOMEBODY, ONE))).isEqualTo(2);
    pass(Duration.ofMillis(1_999));
    assertThat(wait(rates.take(SOMEBODY, ONE))).isEqualTo(1);
    pass(Duration.ofMillis(1));
    assertThat(wait(rates.take(SOMEBODY, ONE))).isZero();
    assertThat(wait(rates.take(SOMEBODY, ONE))).isEqualTo(2);
    pass(Duration.ofDays(1));
    for (int i = 0; i < 4; i++) {
      assertThat(wait(rates.take(SOMEBODY, ONE))).isZero();
    }
    assertThat(wait(rates.take(SOMEBODY, ONE))).as("no more is saved").isEqualTo(2);
  }

  @Test
  void channelsHaveBucketsOfTheirOwn() {
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.1", 4)))).isZero();
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.2", 4)))).isZero();
    assertThat(wait(rates.take(SOMEBODY, Map.of("lobby", 1_000_000)))).isZero();
    assertThat(rates.channels()).isEqualTo(2);
  }

  @Test
  void aLargeBatchPassesAndIsPaidAfterwards() {
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.1", 10)))).isZero();
    assertThat(wait(rates.take(SOMEBODY, ONE))).isEqualTo(14);
    pass(Duration.ofSeconds(14));
    assertThat(wait(rates.take(SOMEBODY, ONE))).isZero();
  }

  @Test
  void ofARequestAllIsTakenOrNothing() {
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.1", 4)))).isZero();
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.1", 1, "room.2", 4)))).isEqualTo(2);
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.2", 4)))).isZero();
  }

  @Test
  void aConnectionHasAShare() {
    PublishRates.Share first = rates.newShare(SOMEBODY);
    PublishRates.Share second = rates.newShare(SOMEBODY);
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
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.1", 1)))).isZero();
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.2", 2)))).isZero();
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.3", 1)))).isEqualTo(1);
    pass(Duration.ofSeconds(2));
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.3", 1)))).isZero();
    assertThat(rates.channels()).isEqualTo(2);
  }

  @Test
  void fullBucketsAreLookedForOnceASecondAtMost() {
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.1", 1, "room.2", 1)))).isZero();
    pass(Duration.ofMillis(1_500));
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.3", 1))))
        .as("looked, and none is full")
        .isEqualTo(1);
    pass(Duration.ofMillis(999));
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.3", 1))))
        .as("both are full, not looked")
        .isEqualTo(1);
    pass(Duration.ofMillis(1));
    assertThat(wait(rates.take(SOMEBODY, Map.of("room.3", 1)))).isZero();
    assertThat(rates.channels()).isEqualTo(1);
  }

  @Test
  void itIsSaidWhichRateStandsAgainstIt() {
    PublishRates.Share share = rates.newShare(SOMEBODY);
    share.take("room.1");
    share.take("room.1");
    assertThat(share.take("room.1")).contains(new RateExceeded(Limit.RATE_PER_CONNECTION, 1));
    rates.take(SOMEBODY, Map.of("room.1", 2));
    assertThat(rates.take(SOMEBODY, ONE)).contains(new RateExceeded(Limit.RATE_PER_CHANNEL, 2));
  }

  private PublishRates bothOnce() {
    Optional<Rate> once = Optional.of(new Rate(1, Duration.ofSeconds(10)));
    return new PublishRates(
        config.withRates(new Rates(Optional.empty(), once, once)), () -> now, 10);
  }

  private static InetAddress address(String text) {
    return AddressRange.address(text).orElseThrow();
  }

  @Test
  void anAddressAndAUserHaveARateOnAllChannelsTogether() {
    PublishRates each = bothOnce();
    Publisher ann = each.publisher(address("192.0.2.1"), Optional.of("ann"), false);
    Publisher elsewhere = each.publisher(address("192.0.2.2"), Optional.of("ann"), false);
    Publisher beside = each.publisher(address("192.0.2.1"), Optional.of("bob"), false);
    Publisher other = each.publisher(address("192.0.2.3"), Optional.of("bob"), false);

    assertThat(each.take(ann, LOBBY)).isEmpty();

    pass(Duration.ofSeconds(1));
    assertThat(each.take(elsewhere, ONE))
        .contains(new RateExceeded(Limit.PUBLICATIONS_PER_USER, 9));
    assertThat(each.take(beside, ONE))
        .contains(new RateExceeded(Limit.PUBLICATIONS_PER_ADDRESS, 9));
    assertThat(each.newShare(beside).take("lobby"))
        .contains(new RateExceeded(Limit.PUBLICATIONS_PER_ADDRESS, 9));
    assertThat(each.take(other, ONE)).as("what was refused did not count").isEmpty();
  }

  @Test
  void thePublicationsOfABatchCountOneByOneForWhoeverSendsIt() {
    PublishRates each = bothOnce();
    Publisher ann = each.publisher(address("192.0.2.1"), Optional.of("ann"), false);
    assertThat(each.take(ann, Map.of("lobby", 2, "hall", 1))).isEmpty();
    assertThat(wait(each.take(ann, LOBBY))).isEqualTo(30);
  }

  @Test
  void whoHasTheKeyOrMaySpeakForOthersHasNone() {
    PublishRates each = bothOnce();
    Publisher operator = each.publisher(address("192.0.2.1"), Optional.empty(), true);
    Publisher local = each.publisher(address("127.0.0.1"), Optional.empty(), false);
    for (int i = 0; i < 3; i++) {
      assertThat(each.take(operator, LOBBY)).isEmpty();
      assertThat(each.take(local, LOBBY)).isEmpty();
    }
    assertThat(each.take(operator, Map.of("room.1", 4))).isEmpty();
    assertThat(each.take(operator, ONE))
        .as("but the channel's own")
        .contains(new RateExceeded(Limit.RATE_PER_CHANNEL, 2));
  }

  @Test
  void whatIsKeptOfUsersIsBounded() {
    PublishRates few =
        new PublishRates(
            config.withRates(
                new Rates(Optional.empty(), Optional.empty(), Optional.of(Rate.perSecond(1)))),
            () -> now,
            2);
    for (int i = 0; i < 2; i++) {
      assertThat(few.take(user("u" + i), LOBBY)).isEmpty();
    }
    assertThat(few.take(user("another"), LOBBY))
        .contains(new RateExceeded(Limit.PUBLICATIONS_PER_USER, 1));
    pass(Duration.ofSeconds(1));
    assertThat(few.take(user("another"), LOBBY)).isEmpty();
  }

  private static Publisher user(String name) {
    return new Publisher(Optional.empty(), Optional.of(name));
  }
}
