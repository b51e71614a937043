package dev.halley.server.transport;

import dev.halley.server.hub.WireForm;
import dev.halley.server.wire.HalleyV1Form;
import dev.halley.server.wire.RawForm;
import java.util.Optional;

/** How the WebSockets that agreed on the same are sent publications. */
final class SocketForms {
  static final SocketForms PLAIN = new SocketForms(RawForm.PLAIN, HalleyV1Form.PLAIN, true);

  final RawForm raw;
  final HalleyV1Form halleyV1;

  /** As {@code Subscriber.sharedForm} wants them. */
  final Optional<WireForm> sharedRaw;

  final Optional<WireForm> sharedHalleyV1;

  SocketForms(RawForm raw, HalleyV1Form halleyV1, boolean shared) {
    this.raw = raw;
    this.halleyV1 = halleyV1;
    sharedRaw = shared ? Optional.of(raw) : Optional.empty();
    sharedHalleyV1 = shared ? Optional.of(halleyV1) : Optional.empty();
  }
}
