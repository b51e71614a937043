package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.halley.inspector.Breach;
import dev.halley.inspector.HandshakeReport;
import dev.halley.websocket.ClientHandshake;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.HandshakeOutcome;
import dev.halley.websocket.ServerHandshake;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Works out an opening handshake with the rules of the protocol core, for both sides. */
final class HandshakeCheck {
  private static final String CLIENT_SECTION = "RFC 6455 section 4.2.1";
  private static final String SERVER_SECTION = "RFC 6455 section 4.1";

  private HandshakeCheck() {}

  /** What is wrong with a request for a WebSocket. */
  static List<Breach> ofRequest(Head request) {
    return switch (ServerHandshake.accept(
        request.first(), request.third(), request, List.of(), Optional.empty())) {
      case HandshakeOutcome.Accepted unused -> List.of();
      case HandshakeOutcome.Rejected rejected ->
          List.of(new Breach(rejected.reason(), CLIENT_SECTION));
    };
  }

  /** What a response with 101 says about it. */
  static HandshakeReport of(Head request, Head response) {
    List<Breach> breaches = new ArrayList<>();
    switch (ClientHandshake.ofRequest(request).verify(101, response)) {
      case ClientHandshake.Outcome.Established unused -> {}
      case ClientHandshake.Outcome.Failed failed ->
          breaches.add(new Breach(failed.rule(), SERVER_SECTION));
    }
    String key = String.join(", ", request.all("Sec-WebSocket-Key")).strip();
    byte[] digest = sha1(key + HandshakeReport.GUID);
    return new HandshakeReport(
        key,
        HexFormat.of().formatHex(digest),
        Base64.getEncoder().encodeToString(digest),
        String.join(", ", response.all("Sec-WebSocket-Accept")).strip(),
        String.join(", ", request.all("Sec-WebSocket-Protocol")),
        String.join(", ", response.all("Sec-WebSocket-Protocol")),
        String.join(", ", request.all("Sec-WebSocket-Extensions")),
        String.join(", ", response.all("Sec-WebSocket-Extensions")),
        DeflateParameters.agreedIn(response.all("Sec-WebSocket-Extensions")),
        List.copyOf(breaches));
  }

  private static byte[] sha1(String text) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(text.getBytes(ISO_8859_1));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-1", e);
    }
  }
}
