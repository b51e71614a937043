package dev.halley.cli;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Reads the configuration file: settings, and a list of policies. */
final class YamlFile {
  /** The one key whose value is a list of maps. */
  static final String POLICIES = "policies";

  /**
   * What stands in a file, as it is written.
   *
   * @param entries the scalars by their dotted keys; those of a list are joined with commas
   * @param policies the same of each entry of the list {@code policies}
   */
  record Content(Map<String, String> entries, List<Map<String, String>> policies) {}

  private final Path file;
  private final List<Map<String, String>> policies = new ArrayList<>();

  private YamlFile(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws CommandException if it can't be read or isn't a map of maps and scalars
   */
  static Content read(Path file) {
    YamlFile reader = new YamlFile(file);
    String text = text(file);
    YAMLFactory factory =
        YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
      return new Content(reader.readDocument(parser), reader.policies);
    } catch (JacksonException e) {
      throw CommandException.usage(
          file + ":" + e.getLocation().getLineNr() + ": not YAML: " + e.getOriginalMessage());
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw CommandException.usage(file + ": there is no such file: name another with --config");
    } catch (MalformedInputException e) {
      throw CommandException.usage(file + ": not UTF-8 text");
    } catch (IOException e) {
      throw CommandException.usage(file + ": can't be read: " + reason(e));
    }
  }

  private static String reason(IOException e) {
    return Files.isDirectory(Path.of(String.valueOf(e.getMessage())))
        ? "it is a directory"
        : String.valueOf(e.getMessage());
  }

  private Map<String, String> readDocument(JsonParser parser) {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return Map.of();
    }
    if (first != JsonToken.START_OBJECT) {
      throw error(parser, "the file is a map from settings to values");
    }
    return readMap(parser, true);
  }

  private Map<String, String> readMap(JsonParser parser, boolean whole) {
    Map<String, String> entries = new LinkedHashMap<>();
    Deque<String> path = new ArrayDeque<>();
    String key = "";
    while (true) {
      JsonToken token = parser.nextToken();
      if (whole && key.equals(POLICIES) && token != JsonToken.PROPERTY_NAME && path.isEmpty()) {
        readPolicies(parser);
        key = "";
        continue;
      }
      switch (token) {
        case PROPERTY_NAME -> key = prefix(path) + parser.currentName();
        case START_OBJECT -> path.push(key);
        case END_OBJECT -> {
          if (path.isEmpty()) {
            return entries;
          }
          path.pop();
        }
        case START_ARRAY -> put(parser, entries, key, list(parser, key));
        case VALUE_NULL -> put(parser, entries, key, "");
        default -> put(parser, entries, key, parser.getString());
      }
    }
  }

  private void readPolicies(JsonParser parser) {
    requireToken(parser, JsonToken.START_ARRAY);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      requireToken(parser, JsonToken.START_OBJECT);
      policies.add(readMap(parser, false));
    }
  }

  private void requireToken(JsonParser parser, JsonToken wanted) {
    if (parser.currentToken() != wanted) {
      throw error(parser, POLICIES + " is a list of maps, each with its channels");
    }
  }

  private String list(JsonParser parser, String key) {
    StringBuilder joined = new StringBuilder();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!parser.currentToken().isScalarValue()) {
        throw error(parser, key + " is a list of plain values");
      }
      joined.append(joined.isEmpty() ? "" : ",").append(parser.getString());
    }
    return joined.toString();
  }

  private void put(JsonParser parser, Map<String, String> entries, String key, String text) {
    if (entries.putIfAbsent(key, text) != null) {
      throw error(parser, key + " is there twice");
    }
  }

  private CommandException error(JsonParser parser, String rule) {
    TokenStreamLocation location = parser.currentTokenLocation();
    return CommandException.usage(file + ":" + location.getLineNr() + ": " + rule);
  }

  private static String prefix(Deque<String> path) {
    return path.isEmpty() ? "" : path.peek() + ".";
  }
}
