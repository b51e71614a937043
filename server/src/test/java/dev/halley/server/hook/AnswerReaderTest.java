package dev.halley.server.hook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          private, max-age=60 | 0    | 60
          max-age=60          | 20   | 40
          MAX-AGE=60          | 60   | 0
          max-age=60          | 61   | 0
          max-age=60          | soon | 0
          max-age=60          | -1   | 0
          max-age=60, no-store | 0   | 0
          no-cache, max-age=60 | 0   | 0
          max-age=-1          | 0    | 0
          max-age=            | 0    | 0
          s-maxage=60         | 0    | 0
          max-age=999999999   | 0    | 3600
          """)
  void anAnswerIsKeptForAsLongAsItClearlySays(String cacheControl, String age, long seconds) {
    HttpHeaders headers =
        HttpHeaders.of(
            Map.of("Cache-Control", List.of(cacheControl), "Age", List.of(age)), (n, v) -> true);
    assertThat(AnswerReader.freshFor(headers)).isEqualTo(Duration.ofSeconds(seconds));
  }
}
