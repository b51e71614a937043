package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.inspector.Snippet;
import java.util.Arrays;
import java.util.Optional;

/** Events of an event stream, one by one (WHATWG HTML section 9.2.6). */
final class SseDissector {
  private static final int MOST_FIELD = 32;

  private final Listener listener;
  private final TokenMask mask;
  private final Cut data;
  private final Cut comment;

  // of the line
  private final Cut value;
  private final byte[] one = new byte[1];
  private final byte[] name = new byte[MOST_FIELD];
  private int nameSize;
  private boolean inValue;
  private boolean isEmpty = true;
  private boolean valueBegins;
  private boolean afterReturn;
  private boolean isFirst = true;
  private int byteOrderMark;

  // of the block
  private String type = "";
  private Optional<String> id = Optional.empty();
  private boolean hasData;
  private boolean hasComment;
  private boolean hasOther;
  private long wireLength;

  /** Takes what is found. */
  interface Listener {
    /** An event; of an empty type if it is a comment, or dispatches nothing. */
    void event(String type, Optional<String> id, Snippet data, long wireLength, long micros);
  }

  SseDissector(Options options, Listener listener) {
    this.listener = listener;
    mask = new TokenMask(options.showSecrets());
    data = new Cut(options.cut());
    comment = new Cut(options.cut());
    value = new Cut(options.cut());
  }

  void feed(byte[] bytes, int length, long micros) {
    for (int at = 0; at < length; at++) {
      byteOf(bytes[at], micros);
    }
  }

  private void byteOf(byte value, long micros) {
    if (isFirst && isByteOrderMark(value)) {
      return;
    }
    wireLength++;
    if (afterReturn && value == '\n') {
      afterReturn = false;
      return;
    }
    afterReturn = value == '\r';
    if (value == '\n' || value == '\r') {
      endOfLine(micros);
    } else {
      character(value);
    }
  }

  private boolean isByteOrderMark(byte value) {
    byte[] mark = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    if (byteOrderMark < mark.length && value == mark[byteOrderMark]) {
      byteOrderMark++;
      return true;
    }
    isFirst = false;
    return false;
  }

  private void character(byte value) {
    isEmpty = false;
    if (!inValue) {
      if (value == ':') {
        inValue = true;
        valueBegins = true;
      } else if (nameSize < MOST_FIELD) {
        name[nameSize++] = value;
      }
      return;
    }
    if (valueBegins && value == ' ') {
      valueBegins = false;
      return;
    }
    valueBegins = false;
    one[0] = value;
    mask.apply(one, 0, 1);
    this.value.add(one, 0, 1);
  }

  private void endOfLine(long micros) {
    if (isEmpty) {
      dispatch(micros);
    } else {
      field(new String(Arrays.copyOf(name, nameSize), UTF_8), value.take());
    }
    nameSize = 0;
    inValue = false;
    isEmpty = true;
    mask.restart();
  }

  private void field(String field, Snippet content) {
    switch (field) {
      case "data" -> {
        add(data, content, hasData);
        hasData = true;
      }
      case "event" -> type = content.text();
      case "id" -> {
        if (!content.text().contains("\0")) {
          id = Optional.of(content.text());
        }
        hasOther = true;
      }
      case "" -> {
        add(comment, content, hasComment);
        hasComment = true;
      }
      default -> {
        byte[] line = (field + ": " + content.text()).getBytes(UTF_8);
        add(comment, Snippet.of(line, line.length), hasComment || hasOther);
        hasOther = true;
      }
    }
  }

  private static void add(Cut to, Snippet content, boolean isFurther) {
    if (isFurther) {
      to.add(new byte[] {'\n'}, 0, 1);
    }
    to.add(content.bytes(), 0, content.bytes().length);
    to.skip(content.length() - content.bytes().length);
  }

  private void dispatch(long micros) {
    if (hasData) {
      listener.event(type.isEmpty() ? "message" : type, id, data.take(), wireLength, micros);
    } else if (hasComment || hasOther) {
      listener.event("", id, comment.take(), wireLength, micros);
    }
    data.take();
    comment.take();
    type = "";
    id = Optional.empty();
    hasData = false;
    hasComment = false;
    hasOther = false;
    wireLength = 0;
  }
}
