package dev.halley.inspector.dissect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.inspector.Snippet;
import java.util.Arrays;
import java.util.Optional;

/** Events of an event stream, one by one (WHATWG HTML section 9.2.6). */
final class SseDissector {
  private static final int MOST_FIELD = 32;
  private static final byte[] DATA = {'d', 'a', 't', 'a'};

  private final Listener listener;
  private final TokenMask lineMask;
  private final TokenMask dataMask;
  private final Cut data;
  private final Cut comment;

  // of the line
  private final Cut value;
  private final byte[] name = new byte[MOST_FIELD];
  private int nameSize;
  private boolean inValue;
  private boolean isData;
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
    lineMask = new TokenMask(options.showSecrets());
    dataMask = new TokenMask(options.showSecrets());
    data = new Cut(options.cut());
    comment = new Cut(options.cut());
    value = new Cut(options.cut());
  }

  /** Takes bytes of the stream, and masks what is secret in them. */
  void feed(byte[] bytes, int length, long micros) {
    for (int at = 0; at < length; at++) {
      byteOf(bytes, at, micros);
    }
  }

  private void byteOf(byte[] bytes, int at, long micros) {
    byte value = bytes[at];
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
      character(bytes, at);
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

  private void character(byte[] bytes, int at) {
    byte value = bytes[at];
    isEmpty = false;
    if (!inValue) {
      lineMask.apply(bytes, at, at + 1);
      if (value == ':') {
        inValue = true;
        valueBegins = true;
        isData = Arrays.equals(name, 0, nameSize, DATA, 0, DATA.length);
      } else if (nameSize < MOST_FIELD) {
        name[nameSize++] = bytes[at];
      }
      return;
    }
    if (valueBegins && value == ' ') {
      valueBegins = false;
      return;
    }
    valueBegins = false;
    // The lines of an event's data are one text.
    (isData ? dataMask : lineMask).apply(bytes, at, at + 1);
    this.value.add(bytes, at, 1);
  }

  private void endOfLine(long micros) {
    if (isEmpty) {
      dispatch(micros);
    } else {
      field(new String(Arrays.copyOf(name, nameSize), UTF_8), value.take());
    }
    if (isData) {
      dataMask.apply(new byte[] {'\n'}, 0, 1);
    }
    nameSize = 0;
    inValue = false;
    isEmpty = true;
    isData = false;
    lineMask.restart();
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
    dataMask.restart();
  }
}
