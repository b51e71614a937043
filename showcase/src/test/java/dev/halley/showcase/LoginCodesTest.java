package dev.halley.showcase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.server.app.RequestRefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class LoginCodesTest {
  private static final Duration LIFETIME = Duration.ofSeconds(60);

  private final ManualTime time = new ManualTime();
  private final List<LoginState> states = new ArrayList<>();
  private final LoginCodes codes = codes(10);

  private LoginCodes codes(int maxOpen) {
    return new LoginCodes(
        time, new Random(1), maxOpen, LIFETIME, (code, state) -> states.add(state));
  }

  private static void assertRefused(int status, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RequestRefusedException.class, e -> assertThat(e.status()).isEqualTo(status));
  }

  @Test
  void aCodeIsWaitingThenScannedThenConfirmed() {
    LoginCode code = codes.open();
    String ticket = codes.scan(code.id());
    codes.confirm(code.id(), ticket, "  Edmond ");

    assertThat(states)
        .containsExactly(
            new LoginState.Waiting(), new LoginState.Scanned(), new LoginState.Confirmed("Edmond"));
  }

  @Test
  void aPhoneMayDecline() {
    LoginCode code = codes.open();
    codes.decline(code.id(), codes.scan(code.id()));

    assertThat(states).endsWith(new LoginState.Declined());
  }

  @Test
  void aCodeIsUsedOnce() {
    LoginCode code = codes.open();
    String ticket = codes.scan(code.id());
    codes.confirm(code.id(), ticket, "Edmond");

    assertRefused(404, () -> codes.confirm(code.id(), ticket, "Edmond"));
    assertRefused(404, () -> codes.scan(code.id()));
    assertThat(states).hasSize(3);
  }

  @Test
  void onlyOnePhoneScansACode() {
    LoginCode code = codes.open();
    codes.scan(code.id());

    assertRefused(409, () -> codes.scan(code.id()));
  }

  @Test
  void onlyThePhoneThatScannedMayAnswer() {
    LoginCode code = codes.open();

    assertRefused(403, () -> codes.confirm(code.id(), "", "Mallory"));
    codes.scan(code.id());
    assertRefused(403, () -> codes.confirm(code.id(), "", "Mallory"));
    assertRefused(403, () -> codes.decline(code.id(), "guessed"));
    assertThat(states).containsExactly(new LoginState.Waiting(), new LoginState.Scanned());
  }

  @Test
  void aCodeThatNeverWasIsUnknown() {
    assertRefused(404, () -> codes.scan("guessed"));
  }

  @Test
  void aCodeExpires() {
    LoginCode waiting = codes.open();
    LoginCode scanned = codes.open();
    String ticket = codes.scan(scanned.id());
    time.pass(LIFETIME.minusMillis(1));
    codes.expire();
    assertThat(states).doesNotContain(new LoginState.Expired());
    assertThat(codes.left(waiting)).isEqualTo(Duration.ofMillis(1));

    time.pass(Duration.ofMillis(1));

    assertRefused(404, () -> codes.confirm(scanned.id(), ticket, "Edmond"));
    assertRefused(404, () -> codes.scan(waiting.id()));
    assertThat(states).filteredOn(new LoginState.Expired()::equals).hasSize(2);
  }

  @Test
  void scanningDoesNotProlongACode() {
    LoginCode code = codes.open();
    time.pass(LIFETIME.minusSeconds(1));
    String ticket = codes.scan(code.id());
    time.pass(Duration.ofSeconds(1));

    assertRefused(404, () -> codes.confirm(code.id(), ticket, "Edmond"));
  }

  @Test
  void openCodesAreBoundedAndExpiredOnesMakeRoom() {
    LoginCodes two = codes(2);
    two.open();
    two.open();
    assertRefused(503, two::open);

    time.pass(LIFETIME);

    assertThat(two.open().id()).isNotEmpty();
  }

  @Test
  void aNameIsNeitherBlankNorLong() {
    LoginCode code = codes.open();
    String ticket = codes.scan(code.id());

    assertRefused(400, () -> codes.confirm(code.id(), ticket, " "));
    assertRefused(400, () -> codes.confirm(code.id(), ticket, "x".repeat(41)));
    codes.confirm(code.id(), ticket, "x".repeat(40));
  }

  @Test
  void idsAndChannelsAre128BitsAndUnrelated() {
    Set<String> seen = new HashSet<>();
    LoginCodes many = codes(100);
    for (int i = 0; i < 100; i++) {
      LoginCode code = many.open();
      assertThat(code.id()).matches("[A-Za-z0-9_-]{22}");
      assertThat(code.channel()).matches("login\\.[A-Za-z0-9_-]{22}");
      seen.add(code.id());
      seen.add(code.channel().substring("login.".length()));
    }
    assertThat(seen).hasSize(200);
  }
}
