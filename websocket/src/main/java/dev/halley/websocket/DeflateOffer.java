package dev.halley.websocket;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An element of Sec-WebSocket-Extensions that says permessage-deflate, in an offer or in its answer
 * (RFC 7692 section 7.1).
 *
 * @param serverMaxWindowBits empty if it isn't there
 * @param clientMaxWindowBits empty if it isn't there, {@link #NO_VALUE} if it is there without one
 */
record DeflateOffer(
    boolean serverNoContextTakeover,
    boolean clientNoContextTakeover,
    Optional<Integer> serverMaxWindowBits,
    Optional<Integer> clientMaxWindowBits) {

  static final int NO_VALUE = 0;

  private static final String NAME = "permessage-deflate";
  private static final String SERVER_NO_CONTEXT_TAKEOVER = "server_no_context_takeover";
  private static final String CLIENT_NO_CONTEXT_TAKEOVER = "client_no_context_takeover";
  private static final String SERVER_MAX_WINDOW_BITS = "server_max_window_bits";
  private static final String CLIENT_MAX_WINDOW_BITS = "client_max_window_bits";

  /** The offer that an element is; empty if it is another extension, or breaks a rule. */
  static Optional<DeflateOffer> parse(ExtensionOffer element) {
    if (!element.name().equals(NAME)) {
      return Optional.empty();
    }
    DeflateOffer offer = new DeflateOffer(false, false, Optional.empty(), Optional.empty());
    Set<String> names = new HashSet<>();
    for (ExtensionOffer.Param param : element.params()) {
      Optional<DeflateOffer> next = offer.with(param);
      if (next.isEmpty() || !names.add(param.name())) {
        return Optional.empty();
      }
      offer = next.get();
    }
    return Optional.of(offer);
  }

  /** What the elements of these lines want that are permessage-deflate and keep to the rules. */
  static List<DeflateParameters> listed(List<String> lines) {
    return HeaderValues.extensions(lines).orElse(List.of()).stream()
        .flatMap(element -> parse(element).stream())
        .map(DeflateOffer::wanted)
        .toList();
  }

  private DeflateParameters wanted() {
    int most = DeflateParameters.MAX_WINDOW_BITS;
    return new DeflateParameters(
        serverNoContextTakeover,
        clientNoContextTakeover,
        serverMaxWindowBits.orElse(most),
        clientMaxWindowBits.filter(bits -> bits != NO_VALUE).orElse(most));
  }

  /** What a client that wants this offers. */
  static DeflateOffer of(DeflateParameters wanted) {
    int clientBits = wanted.clientMaxWindowBits();
    return new DeflateOffer(
        wanted.serverNoContextTakeover(),
        wanted.clientNoContextTakeover(),
        ifRestricted(wanted.serverMaxWindowBits()),
        Optional.of(clientBits == DeflateParameters.MAX_WINDOW_BITS ? NO_VALUE : clientBits));
  }

  /** What a server agrees on that wants this for itself (RFC 7692 sections 7.1.1 and 7.1.2). */
  DeflateParameters agreeOn(DeflateParameters wanted) {
    int most = DeflateParameters.MAX_WINDOW_BITS;
    // Only a client that says that it knows the parameter may be told a window.
    int clientBits =
        clientMaxWindowBits
            .map(bits -> Math.min(bits == NO_VALUE ? most : bits, wanted.clientMaxWindowBits()))
            .orElse(most);
    return new DeflateParameters(
        serverNoContextTakeover || wanted.serverNoContextTakeover(),
        clientNoContextTakeover || wanted.clientNoContextTakeover(),
        Math.min(serverMaxWindowBits.orElse(most), wanted.serverMaxWindowBits()),
        clientBits);
  }

  /** The answer that says what was agreed on. */
  DeflateOffer answer(DeflateParameters agreed) {
    return new DeflateOffer(
        agreed.serverNoContextTakeover(),
        agreed.clientNoContextTakeover(),
        serverMaxWindowBits
            .map(bits -> agreed.serverMaxWindowBits())
            .or(() -> ifRestricted(agreed.serverMaxWindowBits())),
        ifRestricted(agreed.clientMaxWindowBits()));
  }

  /** What was agreed on if this is the answer to a client's offer; empty if it can't be. */
  Optional<DeflateParameters> asAnswerTo(DeflateParameters offered) {
    int most = DeflateParameters.MAX_WINDOW_BITS;
    int serverBits = serverMaxWindowBits.orElse(most);
    int clientBits = clientMaxWindowBits.orElse(offered.clientMaxWindowBits());
    if ((offered.serverNoContextTakeover() && !serverNoContextTakeover)
        || serverBits > offered.serverMaxWindowBits()
        || clientBits == NO_VALUE
        || clientBits > offered.clientMaxWindowBits()) {
      return Optional.empty();
    }
    return Optional.of(
        new DeflateParameters(
            serverNoContextTakeover,
            clientNoContextTakeover || offered.clientNoContextTakeover(),
            serverBits,
            clientBits));
  }

  /** As it stands in the header. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(NAME);
    if (serverNoContextTakeover) {
      text.append("; ").append(SERVER_NO_CONTEXT_TAKEOVER);
    }
    if (clientNoContextTakeover) {
      text.append("; ").append(CLIENT_NO_CONTEXT_TAKEOVER);
    }
    serverMaxWindowBits.ifPresent(bits -> append(text, SERVER_MAX_WINDOW_BITS, bits));
    clientMaxWindowBits.ifPresent(bits -> append(text, CLIENT_MAX_WINDOW_BITS, bits));
    return text.toString();
  }

  private static void append(StringBuilder text, String name, int bits) {
    text.append("; ").append(name);
    if (bits != NO_VALUE) {
      text.append('=').append(bits);
    }
  }

  private Optional<DeflateOffer> with(ExtensionOffer.Param param) {
    boolean bare = param.value().isEmpty();
    Optional<Integer> bits = param.value().flatMap(DeflateOffer::windowBits);
    return switch (param.name()) {
      case SERVER_NO_CONTEXT_TAKEOVER ->
          given(bare, true, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits);
      case CLIENT_NO_CONTEXT_TAKEOVER ->
          given(bare, serverNoContextTakeover, true, serverMaxWindowBits, clientMaxWindowBits);
      case SERVER_MAX_WINDOW_BITS ->
          given(
              bits.isPresent(),
              serverNoContextTakeover,
              clientNoContextTakeover,
              bits,
              clientMaxWindowBits);
      case CLIENT_MAX_WINDOW_BITS ->
          given(
              bare || bits.isPresent(),
              serverNoContextTakeover,
              clientNoContextTakeover,
              serverMaxWindowBits,
              bits.or(() -> Optional.of(NO_VALUE)));
      default -> Optional.empty();
    };
  }

  private static Optional<DeflateOffer> given(
      boolean valid,
      boolean serverNoContextTakeover,
      boolean clientNoContextTakeover,
      Optional<Integer> serverMaxWindowBits,
      Optional<Integer> clientMaxWindowBits) {
    return valid
        ? Optional.of(
            new DeflateOffer(
                serverNoContextTakeover,
                clientNoContextTakeover,
                serverMaxWindowBits,
                clientMaxWindowBits))
        : Optional.empty();
  }

  /** Decimal without leading zeros (RFC 7692 section 7.1.2). */
  private static Optional<Integer> windowBits(String value) {
    for (int bits = DeflateParameters.MIN_WINDOW_BITS;
        bits <= DeflateParameters.MAX_WINDOW_BITS;
        bits++) {
      if (value.equals(Integer.toString(bits))) {
        return Optional.of(bits);
      }
    }
    return Optional.empty();
  }

  private static Optional<Integer> ifRestricted(int bits) {
    return bits == DeflateParameters.MAX_WINDOW_BITS ? Optional.empty() : Optional.of(bits);
  }
}
