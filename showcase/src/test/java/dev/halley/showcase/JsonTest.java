package dev.halley.showcase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.halley.server.app.RequestRefusedException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void whatIsWrittenIsReadAgain() {
    String text = Json.object(Map.of("name", "a \"b\" \n 彗星", "count", 3, "on", true));

    assertThat(Json.fields(text))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("name", "a \"b\" \n 彗星", "count", "3", "on", "true"));
  }

  @Test
  void nestedValuesAreLeftOut() {
    assertThat(Json.fields("{\"a\":{\"b\":[1,2]},\"c\":[{}],\"d\":1}"))
        .containsExactly(Map.entry("d", "1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "\"a\"", "{a:1}"})
  void whatIsNoObjectIsRefused(String text) {
    assertThatThrownBy(() -> Json.fields(text)).isInstanceOf(RequestRefusedException.class);
  }
}
