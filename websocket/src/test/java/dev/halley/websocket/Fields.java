package dev.halley.websocket;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Header fields to change one by one. */
final class Fields implements HeaderLookup {
  private final Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /** A request that is right; the example of RFC 6455 section 1.3. */
  static Fields request() {
    return new Fields()
        .with("host", "server.example.com")
        .with("upgrade", "websocket")
        .with("connection", "Upgrade")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .with("sec-websocket-version", "13");
  }

  static Fields of(List<Header> headers) {
    Fields fields = new Fields();
    headers.forEach(header -> fields.add(header.name(), header.value()));
    return fields;
  }

  /** In place of what was there; without values the field is gone. */
  Fields with(String name, String... values) {
    fields.put(name, List.of(values));
    return this;
  }

  @Override
  public List<String> all(String name) {
    return fields.getOrDefault(name, List.of());
  }

  private void add(String name, String value) {
    fields.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
  }
}
