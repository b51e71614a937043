package dev.halley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.HttpSocket.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Names that were chosen to have one hash cost no more than a bounded factor. */
class HashFloodTest {
  private static final int MOST_FIELDS = 200;

  /** Of 2^{@code pairs} names, all with the same {@link String#hashCode}. */
  private static List<String> collisions(int pairs) {
    List<String> names = new ArrayList<>(List.of(""));
    for (int i = 0; i < pairs; i++) {
      List<String> longer = new ArrayList<>(2 * names.size());
      for (String name : names) {
        longer.add(name + "Aa");
        longer.add(name + "BB");
      }
      names = longer;
    }
    return names;
  }

  private static String fields(int count) {
    StringBuilder fields = new StringBuilder();
    collisions(8).subList(0, count).forEach(name -> fields.append(name).append(": x\r\n"));
    return fields.toString();
  }

  @Test
  void aHeadHasSoManyFields() throws Exception {
    try (TestServer server = TestServer.start()) {
      String one = fields(MOST_FIELDS - 1); // and Host
      assertThat(HttpSocket.get(server, "/health/live", one).status()).isEqualTo(200);
      Answer refused = HttpSocket.get(server, "/health/live", fields(MOST_FIELDS));
      assertThat(refused.status()).isEqualTo(431);
      PublishTest.assertError(refused, 431);
      try (Http2Socket http = Http2Socket.connect(server)) {
        assertThat(withFields(http, MOST_FIELDS - 4).head().status()).isEqualTo(200);
        assertThat(withFields(http, MOST_FIELDS - 3).head().status()).isEqualTo(431);
      }
      assertThat(server.server().metrics().exceeded(Limit.REQUEST_HEAD).sum()).isEqualTo(2);
    }
  }

  /** Besides the four pseudo-header fields. */
  private static Http2Socket.Stream withFields(Http2Socket http, int count) throws Exception {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      fields.addAll(List.of("x" + i, "y"));
    }
    return http.request("GET", "/health/live", "x", true, fields.toArray(new String[0]));
  }

  /** A name whose hash is everybody's, and which counts how often it is compared. */
  private static final class Name implements Comparable<Name> {
    private static int comparisons;
    private final String text;

    Name(String text) {
      this.text = text;
    }

    @Override
    public int compareTo(Name other) {
      comparisons++;
      return text.compareTo(other.text);
    }

    @Override
    public boolean equals(Object other) {
      comparisons++;
      return other instanceof Name name && text.equals(name.text);
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  /** Those that hold channels, their subscribers, their buckets and parameters. */
  @Test
  void mapsOfNamesBecomeTrees() {
    for (Map<Name, Integer> map :
        List.<Map<Name, Integer>>of(
            new HashMap<>(), new LinkedHashMap<>(), new ConcurrentHashMap<>())) {
      for (int i = 0; i < 10_000; i++) {
        map.put(new Name("name" + i), i);
      }
      Name.comparisons = 0;
      for (int i = 0; i < 1_000; i++) {
        assertThat(map.get(new Name("name" + i * 10))).isEqualTo(i * 10);
      }
      // A red-black tree of 10,000 is at most 27 deep; a list would make it 5,000,000.
      assertThat(Name.comparisons).isLessThan(1_000 * 2 * 27);
    }
    assertThat(collisions(4).stream().map(String::hashCode).distinct()).hasSize(1);
    assertThat(Comparable.class).isAssignableFrom(String.class);
  }

  @Test
  void namesOfOneHashInJsonAreOnlyRead() throws Exception {
    StringBuilder json = new StringBuilder("{");
    collisions(14).forEach(name -> json.append('"').append(name).append("\":1,"));
    json.append("\"last\":2}");
    try (TestServer server = TestServer.start()) {
      String type = "Content-Type: application/json\r\n";
      assertThat(HttpSocket.post(server, "/channels/a", type, json.toString()).status())
          .isEqualTo(201);
      assertThat(HttpSocket.get(server, "/channels/a", "").body()).contains(json);
      Answer refused = HttpSocket.post(server, "/publish", type, "[" + json + "]");
      assertThat(refused.body()).contains("unknown");
    }
  }

  @Test
  void channelsOfOneHashAreChannels() throws Exception {
    List<String> names = collisions(7);
    try (TestServer server = TestServer.start()) {
      names.forEach(name -> server.publish(name, "hello"));
      Answer answer = HttpSocket.get(server, "/channels/" + String.join(",", names), "");
      assertThat(Json.parse(answer.body()).get("publications")).hasSize(128);
    }
  }
}
