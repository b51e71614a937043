package dev.halley.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.broker.Payload;
import dev.halley.websocket.Utf8Validator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;

/**
 * JSON that came from outside. Its values are kept as the bytes they came in. What isn't JSON is a
 * {@link tools.jackson.core.JacksonException} or an {@link IllegalArgumentException}.
 */
public final class JsonInput implements AutoCloseable {
  /** Characters of a name that an error message shows. */
  private static final int LONGEST_SHOWN = 64;

  /** No JSON value begins with that byte. */
  private static final byte FIRST_OF_BYTE_ORDER_MARK = (byte) 0xef;

  private final byte[] bytes;
  private final JsonParser parser;

  private JsonInput(byte[] bytes, JsonBounds bounds) {
    if (!isUtf8(bytes)) {
      throw new IllegalArgumentException("JSON is UTF-8");
    }
    if (bytes.length > 0 && bytes[0] == FIRST_OF_BYTE_ORDER_MARK) {
      // It would stand in the middle of what the value is embedded in (RFC 8259 section 8.1).
      throw new IllegalArgumentException("JSON begins without a byte order mark");
    }
    this.bytes = bytes;
    this.parser = bounds.factory().createParser(ObjectReadContext.empty(), bytes);
  }

  /** A reader at the begin of {@code bytes}, which must not change meanwhile. */
  public static JsonInput of(byte[] bytes, JsonBounds bounds) {
    return new JsonInput(bytes, bounds);
  }

  /** The same within the usual bounds. */
  public static JsonInput of(byte[] bytes) {
    return of(bytes, JsonBounds.USUAL);
  }

  /** Whether {@code bytes} are UTF-8. */
  public static boolean isUtf8Text(byte[] bytes) {
    return Utf8Validator.isValid(ByteBuffer.wrap(bytes));
  }

  /**
   * Returns if {@code bytes} are one JSON value and nothing else.
   *
   * @throws IllegalArgumentException or a JacksonException if they aren't
   */
  public static void requireOneValue(byte[] bytes, JsonBounds bounds) {
    try (JsonInput input = of(bytes, bounds)) {
      if (input.next() == JsonToken.NOT_AVAILABLE) {
        throw new IllegalArgumentException("There is no JSON value");
      }
      input.skipChildren();
      input.requireEnd();
    }
  }

  /**
   * Returns if no object in {@code bytes}, at any depth, has a name twice. Of two of one name some
   * readers see the first and some the last, so what is signed or believed must not have them.
   *
   * @throws IllegalArgumentException with the name, or a JacksonException, if one has
   */
  public static void requireDistinctNames(byte[] bytes) {
    try (JsonInput input = of(bytes)) {
      Deque<Set<String>> open = new ArrayDeque<>();
      for (JsonToken token = input.next(); token != JsonToken.NOT_AVAILABLE; token = input.next()) {
        switch (token) {
          case START_OBJECT -> open.push(new HashSet<>());
          case END_OBJECT -> open.pop();
          case PROPERTY_NAME -> {
            String name = input.text();
            if (!open.element().add(name)) {
              throw new IllegalArgumentException("\"" + begin(name) + "\" is there twice");
            }
          }
          default -> {}
        }
      }
    }
  }

  /** The next token; {@link JsonToken#NOT_AVAILABLE} at the end. */
  public JsonToken next() {
    JsonToken token = parser.nextToken();
    return token == null ? JsonToken.NOT_AVAILABLE : token;
  }

  /** Goes to the end of the value that begins with the current token. */
  public void skipChildren() {
    parser.skipChildren();
  }

  /** How many bytes have been read. */
  public long position() {
    return parser.currentLocation().getByteOffset();
  }

  /** The current token as text: a string's content, a number as written, a property's name. */
  public String text() {
    return parser.getString();
  }

  /**
   * Ends the reading.
   *
   * @throws IllegalArgumentException if something follows
   */
  public void requireEnd() {
    if (next() != JsonToken.NOT_AVAILABLE) {
      throw new IllegalArgumentException("Something follows the JSON value");
    }
  }

  /**
   * Returns if the current token begins an object; the next ones are its properties.
   *
   * @throws IllegalArgumentException with {@code what} if it doesn't
   */
  public void requireObjectStart(String what) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException(what + " is no object");
    }
  }

  /**
   * The current value as what {@code "data"} publishes: a string is text, anything else is JSON.
   */
  public Payload data() {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_STRING) {
      return Payload.text(requireCharacters(text()));
    }
    if (!token.isStructStart()) {
      return Payload.json(text());
    }
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int end = (int) parser.currentLocation().getByteOffset();
    return Payload.wrap(Payload.Type.JSON, Arrays.copyOfRange(bytes, start, end));
  }

  /**
   * The payload of a publication that had {@code before} so far.
   *
   * @throws IllegalArgumentException if it has one already
   */
  public static Optional<Payload> only(Optional<Payload> before, Payload payload) {
    if (before.isPresent()) {
      throw new IllegalArgumentException("A publication has one \"data\" or one \"base64\"");
    }
    return Optional.of(payload);
  }

  /**
   * The value of a property that was {@code before} so far. Of two some readers see the first and
   * some the last.
   *
   * @throws IllegalArgumentException if there was one already
   */
  public static <T> Optional<T> once(String name, Optional<T> before, T value) {
    if (before.isPresent()) {
      throw new IllegalArgumentException("\"" + name + "\" is there twice");
    }
    return Optional.of(value);
  }

  /** The current value as what {@code "base64"} publishes. */
  public Payload base64() {
    requireString("base64");
    return Payload.wrap(Payload.Type.BINARY, Base64.getDecoder().decode(text()));
  }

  /**
   * The current value, which must be a string.
   *
   * @throws IllegalArgumentException if it isn't
   */
  public String requireString(String name) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException("\"" + name + "\" is a string");
    }
    return text();
  }

  @Override
  public void close() {
    parser.close();
  }

  /** Half a surrogate pair, which JSON can escape, is no character and has no UTF-8. */
  private static String requireCharacters(String text) {
    if (!UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException("A text has no unpaired surrogates");
    }
    return text;
  }

  /**
   * The parser would read UTF-16 and UTF-32 as well, whose ASCII has zero bytes. JSON text has
   * none.
   */
  private static boolean isUtf8(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return false;
      }
    }
    return isUtf8Text(bytes);
  }

  /** For error messages: as much of a name from outside as one wants to read. */
  public static String begin(String name) {
    return name.substring(0, Math.min(name.length(), LONGEST_SHOWN));
  }

  /**
   * For error messages: what a broken document says of itself, in one line. What the parser says is
   * for programmers who use it: of that there is only the place.
   */
  public static String reason(RuntimeException broken) {
    if (broken instanceof JacksonException jackson) {
      TokenStreamLocation place = jackson.getLocation();
      return place == null || place.getByteOffset() < 0
          ? "it can't be read"
          : "it can't be read from byte " + place.getByteOffset() + " on";
    }
    String message = String.valueOf(broken.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
