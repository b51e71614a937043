package dev.halley.showcase;

/** What has become of a code for logging in. */
sealed interface LoginState {
  /** It is shown and nobody has scanned it. */
  record Waiting() implements LoginState {}

  /** A phone has scanned it and is asked whether that is wanted. */
  record Scanned() implements LoginState {}

  /** The phone said yes. The code is over. */
  record Confirmed(String name) implements LoginState {}

  /** The phone said no. The code is over. */
  record Declined() implements LoginState {}

  /** Its time ran out. The code is over. */
  record Expired() implements LoginState {}
}
