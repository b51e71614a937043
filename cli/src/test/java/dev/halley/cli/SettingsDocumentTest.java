package dev.halley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SettingsDocumentTest {
  private static final String BEGIN = "<!-- settings -->\n";
  private static final String END = "<!-- /settings -->";

  @Test
  void theDocumentHasTheTable() throws IOException {
    String document = Files.readString(Path.of("../docs/configuration.md"));
    int begin = document.indexOf(BEGIN) + BEGIN.length();

    String expected = table();

    // What is expected is left where it can be copied from.
    Files.writeString(Path.of("target/settings.md"), expected);
    assertThat(document.substring(begin, document.indexOf(END))).isEqualTo(expected);
  }

  @Test
  void keysFlagsAndVariablesAreUnique() {
    assertThat(Settings.all()).extracting(Setting::key).doesNotHaveDuplicates();
    assertThat(Settings.all()).extracting(Setting::flag).doesNotHaveDuplicates();
    assertThat(Settings.all()).extracting(Setting::variable).doesNotHaveDuplicates();
  }

  private static String table() {
    return "| key | flag | environment | default | what it is |\n| --- | --- | --- | --- | --- |\n"
        + Settings.all().stream().map(SettingsDocumentTest::row).collect(Collectors.joining());
  }

  private static String row(Setting<?> setting) {
    String given = setting.defaultText().isEmpty() ? "none" : code(setting.defaultText());
    return "| "
        + code(setting.key())
        + " | "
        + code(setting.flag() + " " + setting.type().label().replace("|", "\\|"))
        + " | "
        + code(setting.variable())
        + " | "
        + given
        + " | "
        + setting.description()
        + " |\n";
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
