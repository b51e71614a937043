package dev.halley.server.wire;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.broker.Payload;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonInputTest {
  @ParameterizedTest
  @ValueSource(strings = {"{}", "[1,2]", "\"a\"", "1.5e3", "true", "null", " {\"a\" : [ ] } \n"})
  void oneValueIsJson(String json) {
    assertThatCode(() -> JsonInput.requireOneValue(json.getBytes(UTF_8), JsonBounds.USUAL))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "[1,]", "{a:1}", "1 2", "{}{}", "nul", "\"a", "'a'"})
  void anythingElseIsNot(String text) {
    assertThatThrownBy(() -> JsonInput.requireOneValue(text.getBytes(UTF_8), JsonBounds.USUAL))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void jsonIsUtf8AndNoOtherUnicode() {
    assertThatThrownBy(() -> JsonInput.requireOneValue("{}".getBytes(UTF_16BE), JsonBounds.USUAL))
        .hasMessage("JSON is UTF-8");
    assertThatThrownBy(
            () -> JsonInput.requireOneValue(HexFormat.of().parseHex("22c32822"), JsonBounds.USUAL))
        .hasMessage("JSON is UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":[1, {\"b\":\"}\"}]}", "[ ]", "12.50", "-0", "true", "null"})
  void aValueWithinADocumentIsKeptAsItWasWritten(String value) {
    byte[] document = ("{\"data\" : " + value + " , \"x\":1}").getBytes(UTF_8);
    try (JsonInput input = JsonInput.of(document)) {
      input.next();
      input.next();
      input.next();

      assertThat(input.data()).isEqualTo(Payload.json(value));
    }
  }

  @Test
  void aStringWithinADocumentIsText() {
    try (JsonInput input = JsonInput.of("[\"a\\nb\"]".getBytes(UTF_8))) {
      input.next();
      input.next();

      assertThat(input.data()).isEqualTo(Payload.text("a\nb"));
    }
  }
}
