package dev.halley.server.wire;

import dev.halley.server.Arriving;
import dev.halley.server.Limit;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** How deep JSON may be, and how long its numbers and names. For any number of threads. */
public final class JsonBounds {
  /**
   * For what comes from those whom the operator trusts: the application, and whoever signs tokens.
   */
  static final JsonBounds USUAL = of(Arriving.defaults());

  private final JsonFactory factory;

  private JsonBounds(Arriving bounds) {
    factory = JsonFactory.builder().streamReadConstraints(new Rules(bounds)).build();
  }

  /** As configured. */
  public static JsonBounds of(Arriving bounds) {
    return new JsonBounds(bounds);
  }

  JsonFactory factory() {
    return factory;
  }

  /** What the parser asks; so that the rule is said in our own words. */
  private static final class Rules extends StreamReadConstraints {
    private static final long serialVersionUID = 1L;

    Rules(Arriving bounds) {
      super(bounds.jsonDepth(), -1, -1, bounds.jsonNumber(), Integer.MAX_VALUE, bounds.jsonName());
    }

    @Override
    public void validateNestingDepth(int depth) {
      if (depth > _maxNestingDepth) {
        throw new JsonBoundException(
            Limit.JSON_DEPTH,
            "JSON has at most " + _maxNestingDepth + " arrays and objects within each other");
      }
    }

    @Override
    public void validateIntegerLength(int length) {
      if (length > _maxNumLen) {
        throw new JsonBoundException(
            Limit.JSON_NUMBER, "A number in JSON has at most " + _maxNumLen + " digits");
      }
    }

    @Override
    public void validateFPLength(int length) {
      validateIntegerLength(length);
    }

    @Override
    public void validateNameLength(int length) {
      if (length > _maxNameLen) {
        throw new JsonBoundException(
            Limit.JSON_NAME, "A name in a JSON object has at most " + _maxNameLen + " bytes");
      }
    }
  }
}
