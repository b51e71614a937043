package dev.halley.cli;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Reads the configuration file. */
final class YamlFile {
  private final Path file;
  private final Map<String, String> entries = new LinkedHashMap<>();

  private YamlFile(Path file) {
    this.file = file;
  }

  /**
   * The scalars of a file by their dotted keys, as they are written; those of a list are joined
   * with commas.
   *
   * @throws CommandException if the file can't be read or isn't a map of maps and scalars
   */
  static Map<String, String> read(Path file) {
    YamlFile reader = new YamlFile(file);
    String text = text(file);
    YAMLFactory factory =
        YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
      reader.readDocument(parser);
    } catch (JacksonException e) {
      throw CommandException.usage(
          file + ":" + e.getLocation().getLineNr() + ": not YAML: " + e.getOriginalMessage());
    }
    return reader.entries;
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

  private void readDocument(JsonParser parser) {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return;
    }
    if (first != JsonToken.START_OBJECT) {
      throw error(parser, "the file is a map from settings to values");
    }
    readMap(parser);
  }

  private void readMap(JsonParser parser) {
    Deque<String> path = new ArrayDeque<>();
    String key = "";
    while (true) {
      JsonToken token = parser.nextToken();
      switch (token) {
        case PROPERTY_NAME -> key = prefix(path) + parser.currentName();
        case START_OBJECT -> path.push(key);
        case END_OBJECT -> {
          if (path.isEmpty()) {
            return;
          }
          path.pop();
        }
        case START_ARRAY -> put(parser, key, list(parser, key));
        case VALUE_NULL -> put(parser, key, "");
        default -> put(parser, key, parser.getString());
      }
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

  private void put(JsonParser parser, String key, String text) {
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
