package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class LogFormatterTest {
  private static final String FORGED = "2026-01-01T00:00:00.000+0000 INFO forged";

  private final LogFormatter formatter = new LogFormatter();

  @AfterEach
  void restore() {
    LogFormatter.use(LogFormat.PLAIN);
  }

  private static LogRecord record(String message) {
    LogRecord record = new LogRecord(Level.WARNING, message);
    record.setLoggerName("dev.halley.Some");
    return record;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n" + FORGED,
        "\r\n" + FORGED,
        "\u001b[2J\u001b]0;title\u0007",
        "\u009b31m",
        "\u2028" + FORGED,
        "\u0085" + FORGED,
        "\u202etxt.exe\u2066",
        "nul \u0000, del \u007f, tab \t, backslash \\, quote \"",
        "half \ud83d and \ude80 of a rocket \ud83d\ude80"
      })
  void whatIsLoggedStaysOnItsLine(String hostile) throws IOException {
    LogRecord record = record(hostile);
    record.setLoggerName(hostile);
    record.setThrown(new IOException(hostile, new IllegalStateException(hostile)));

    String plain = formatter.format(record);

    assertThat(plain.chars().filter(c -> c != '\n' && c != '\t'))
        .noneMatch(c -> c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x202e);
    assertThat(plain.lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("\t"));

    LogFormatter.use(LogFormat.JSON);
    String json = formatter.format(record);

    assertThat(json.chars().limit(json.length() - 1))
        .noneMatch(c -> c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x202e);
    assertThat(parse(json))
        .containsEntry("message", hostile)
        .containsEntry("logger", hostile)
        .containsEntry("error", "java.io.IOException: " + hostile)
        .containsEntry("level", "WARNING");
  }

  private static Map<String, String> parse(String json) {
    Map<String, String> members = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.getString();
        parser.nextToken();
        members.put(name, parser.getString());
      }
      assertThat(parser.nextToken()).isNull();
    }
    return members;
  }

  @Test
  void aPlainLineSaysWhenHowBadAndWhere() {
    assertThat(formatter.format(record("it broke")))
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d{4} WARNING dev\\.halley\\.Some: it broke\n");
  }

  @Test
  void theJdkUsesIt() throws IOException {
    try {
      LogConfiguration configuration = new LogConfiguration();
      assertThat(configuration).isNotNull();
      assertThat(Logger.getLogger("").getHandlers())
          .singleElement()
          .satisfies(it -> assertThat(it.getFormatter()).isInstanceOf(LogFormatter.class));
    } finally {
      LogManager.getLogManager().readConfiguration();
    }
  }
}
