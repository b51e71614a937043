package dev.halley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderValuesTest {
  @Test
  void tokensComeFromAllLines() {
    assertThat(HeaderValues.tokens(List.of("keep-alive, Upgrade", "x")))
        .contains(List.of("keep-alive", "Upgrade", "x"));
    assertThat(HeaderValues.tokens(List.of())).contains(List.of());
  }

  @Test
  void emptyElementsAreSkipped() {
    assertThat(HeaderValues.tokens(List.of(" ,, a ,\t, b,", "", ","))).contains(List.of("a", "b"));
  }

  @Test
  void tokensAreMadeOfTheirCharacters() {
    String all = "azAZ09!#$%&'*+-.^_`|~";
    assertThat(HeaderValues.tokens(List.of(all))).contains(List.of(all));
    assertThat(HeaderValues.isToken(all)).isTrue();
    for (String no : new String[] {"", "a b", "a,", "é", "a/b", "a\"", "[", "{", ":", "@", "\0"}) {
      assertThat(HeaderValues.isToken(no)).as(no).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a;b", "a/1", "\"a\"", "é", "a, (", "a\r\n"})
  void whatIsNoListOfTokensIsRefused(String value) {
    assertThat(HeaderValues.tokens(List.of(value))).isEmpty();
    assertThat(HeaderValues.tokens(List.of("fine", value))).isEmpty();
  }

  @Test
  void protocolsMayHaveAVersion() {
    assertThat(HeaderValues.protocols(List.of("HTTP/2.0, websocket")))
        .contains(List.of("HTTP/2.0", "websocket"));
    assertThat(HeaderValues.protocols(List.of("HTTP/"))).isEmpty();
  }

  @Test
  void extensionsHaveParameters() {
    assertThat(HeaderValues.extensions(List.of("a ; b ; c = 1 ;d=\"2\" , e", "f;g=\"\\3x\\4\"")))
        .contains(
            List.of(
                new ExtensionOffer(
                    "a",
                    List.of(
                        new ExtensionOffer.Param("b", Optional.empty()),
                        new ExtensionOffer.Param("c", Optional.of("1")),
                        new ExtensionOffer.Param("d", Optional.of("2")))),
                new ExtensionOffer("e", List.of()),
                new ExtensionOffer(
                    "f", List.of(new ExtensionOffer.Param("g", Optional.of("3x4"))))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ";",
        "a;",
        "a;;b",
        "a;b=",
        "a;b=,c",
        "a b",
        "a;b c",
        "a;b=\"",
        "a;b=\"\"",
        "a;b=\"1",
        "a;b=\"1\\",
        "a;b=\"1 2\"",
        "a;b=\"1,2\"",
        "a;b=\"1\"2",
        "a=b",
        "a;=b",
        "a;b=\"\\"
      })
  void whatIsNoListOfExtensionsIsRefused(String value) {
    assertThat(HeaderValues.extensions(List.of(value))).isEmpty();
  }
}
