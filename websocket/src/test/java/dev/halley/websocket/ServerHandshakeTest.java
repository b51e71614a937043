package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerHandshakeTest {
  private static final Header UPGRADE = new Header("Upgrade", "websocket");
  private static final Header CONNECTION = new Header("Connection", "Upgrade");
  private static final Header ACCEPT =
      new Header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  private static final Header VERSION = new Header("Sec-WebSocket-Version", "13");

  private static HandshakeOutcome accept(Fields fields, String... supported) {
    return ServerHandshake.accept("GET", "HTTP/1.1", fields, List.of(supported));
  }

  private static HandshakeOutcome accepted() {
    return new HandshakeOutcome.Accepted(
        101, Optional.empty(), Optional.empty(), List.of(UPGRADE, CONNECTION, ACCEPT));
  }

  private static HandshakeOutcome accepted(String subprotocol) {
    return new HandshakeOutcome.Accepted(
        101,
        Optional.of(subprotocol),
        Optional.empty(),
        List.of(UPGRADE, CONNECTION, ACCEPT, new Header("Sec-WebSocket-Protocol", subprotocol)));
  }

  private static HandshakeOutcome badRequest(String reason) {
    return new HandshakeOutcome.Rejected(400, reason, List.of());
  }

  private static HandshakeOutcome upgradeRequired(String reason) {
    return new HandshakeOutcome.Rejected(426, reason, List.of(UPGRADE, CONNECTION, VERSION));
  }

  @Test
  void theExampleOfTheRfcIsAccepted() {
    assertThat(accept(Fields.request())).isEqualTo(accepted());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.0", "HTTP/0.9", "HTTP/2.0"})
  void theRequestMustBeHttp11(String version) {
    assertThat(ServerHandshake.accept("GET", version, Fields.request(), List.of()))
        .isEqualTo(
            new HandshakeOutcome.Rejected(
                505, "An upgrade must be asked for in HTTP/1.1.", List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "HEAD", "get"})
  void theMethodMustBeGet(String method) {
    assertThat(ServerHandshake.accept(method, "HTTP/1.1", Fields.request(), List.of()))
        .isEqualTo(
            new HandshakeOutcome.Rejected(
                405, "The method must be GET.", List.of(new Header("Allow", "GET"))));
  }

  @Test
  void hostMustBeThereOnce() {
    HandshakeOutcome rejected = badRequest("Host must be there exactly once.");
    assertThat(accept(Fields.request().with("Host"))).isEqualTo(rejected);
    assertThat(accept(Fields.request().with("Host", "a", "a"))).isEqualTo(rejected);
  }

  @Test
  void upgradeMustContainWebsocket() {
    HandshakeOutcome rejected = upgradeRequired("Upgrade must contain websocket.");
    assertThat(accept(Fields.request().with("Upgrade"))).isEqualTo(rejected);
    assertThat(accept(Fields.request().with("Upgrade", "h2c"))).isEqualTo(rejected);
    assertThat(accept(Fields.request().with("Upgrade", "WebSocket"))).isEqualTo(accepted());
    assertThat(accept(Fields.request().with("Upgrade", "h2c, websocket"))).isEqualTo(accepted());
  }

  @Test
  void connectionMustContainUpgrade() {
    HandshakeOutcome rejected = upgradeRequired("Connection must contain upgrade.");
    assertThat(accept(Fields.request().with("Connection"))).isEqualTo(rejected);
    assertThat(accept(Fields.request().with("Connection", "close"))).isEqualTo(rejected);
    assertThat(accept(Fields.request().with("Connection", "keep-alive, upgrade")))
        .isEqualTo(accepted());
    assertThat(accept(Fields.request().with("Connection", "keep-alive", "Upgrade")))
        .isEqualTo(accepted());
  }

  @Test
  void connectionAndUpgradeMustBeLists() {
    HandshakeOutcome rejected = badRequest("Connection and Upgrade must be lists of tokens.");
    assertThat(accept(Fields.request().with("Connection", "Upgrade;"))).isEqualTo(rejected);
    assertThat(accept(Fields.request().with("Upgrade", "websocket;"))).isEqualTo(rejected);
  }

  @Test
  void theVersionMustBeThereOnce() {
    HandshakeOutcome rejected = badRequest("Sec-WebSocket-Version must be there exactly once.");
    assertThat(accept(Fields.request().with("Sec-WebSocket-Version"))).isEqualTo(rejected);
    assertThat(accept(Fields.request().with("Sec-WebSocket-Version", "13", "13")))
        .isEqualTo(rejected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8", "013", "13, 8", "+13"})
  void theVersionMustBe13(String version) {
    assertThat(accept(Fields.request().with("Sec-WebSocket-Version", version)))
        .isEqualTo(upgradeRequired("Sec-WebSocket-Version must be 13."));
  }

  @Test
  void theKeyMustBeThereOnce() {
    HandshakeOutcome rejected = badRequest("Sec-WebSocket-Key must be there exactly once.");
    assertThat(accept(Fields.request().with("Sec-WebSocket-Key"))).isEqualTo(rejected);
    String key = "dGhlIHNhbXBsZSBub25jZQ==";
    assertThat(accept(Fields.request().with("Sec-WebSocket-Key", key, key))).isEqualTo(rejected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZWE=",
        "dGhlIHNhbXBsZSBub25jZWFh",
        "dGhlIHNhbXBsZSBub25jZQ======",
        "dGhlIHNhbXBsZSBub25j!Q=="
      })
  void theKeyMustBe16BytesInBase64(String key) {
    assertThat(accept(Fields.request().with("Sec-WebSocket-Key", key)))
        .isEqualTo(badRequest("Sec-WebSocket-Key must be 16 bytes in Base64."));
  }

  @Test
  void spaceAroundTheKeyAndTheVersionDoesNotCount() {
    Fields fields =
        Fields.request()
            .with("Sec-WebSocket-Key", " dGhlIHNhbXBsZSBub25jZQ==\t")
            .with("Sec-WebSocket-Version", " 13 ");
    assertThat(accept(fields)).isEqualTo(accepted());
  }

  @Test
  void theServersPreferenceChoosesTheSubprotocol() {
    Fields fields = Fields.request().with("Sec-WebSocket-Protocol", "a, b", "c");
    assertThat(accept(fields, "x", "c", "a")).isEqualTo(accepted("c"));
  }

  @Test
  void withoutACommonSubprotocolThereIsNone() {
    Fields fields = Fields.request().with("Sec-WebSocket-Protocol", "a");
    assertThat(accept(fields, "A")).isEqualTo(accepted());
    assertThat(accept(fields)).isEqualTo(accepted());
    assertThat(accept(Fields.request(), "a")).isEqualTo(accepted());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "a b", "a;b", "\"a\"", "é"})
  void subprotocolsMustBeTokens(String value) {
    assertThat(accept(Fields.request().with("Sec-WebSocket-Protocol", value), "a"))
        .isEqualTo(badRequest("Sec-WebSocket-Protocol must be a list of tokens."));
  }

  @Test
  void subprotocolsMustBeUnique() {
    assertThat(accept(Fields.request().with("Sec-WebSocket-Protocol", "a, b", "a"), "a"))
        .isEqualTo(badRequest("The elements of Sec-WebSocket-Protocol must be unique."));
  }

  @Test
  void anUnknownExtensionIsNotAccepted() {
    String offer = "permessage-deflate; client_max_window_bits; server_max_window_bits=\"10\"";
    assertThat(accept(Fields.request().with("Sec-WebSocket-Extensions", offer, "x-other")))
        .isEqualTo(accepted());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a;", "a;b=", "a b"})
  void extensionsMustBeWellFormed(String value) {
    assertThat(accept(Fields.request().with("Sec-WebSocket-Extensions", value)))
        .isEqualTo(badRequest("Sec-WebSocket-Extensions must be a list of extensions."));
  }
}
