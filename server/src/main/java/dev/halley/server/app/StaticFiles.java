package dev.halley.server.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Files that don't change while the server runs, so what was found once stays in memory. */
final class StaticFiles implements RequestHandler {
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("webp", "image/webp"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"));

  /** A file, and its compressed form where that is smaller. */
  private record Content(String type, ByteBuffer bytes, Optional<ByteBuffer> gzipped, String tag) {}

  private final int prefixLength;
  private final FileSource source;
  private final Map<String, Content> found = new ConcurrentHashMap<>();

  StaticFiles(int prefixLength, FileSource source) {
    this.prefixLength = prefixLength;
    this.source = source;
  }

  @Override
  public Response handle(Request request) throws IOException {
    String path = request.path();
    String name = path.length() < prefixLength ? "" : path.substring(prefixLength);
    String last = name.substring(name.lastIndexOf('/') + 1);
    // A class loader may take the name of a directory for a file: only names with a dot are files.
    boolean directory = last.indexOf('.') < 0;
    String file = directory ? name + (last.isEmpty() ? "" : "/") + "index.html" : name;
    Content content = isSafe(file) ? content(file) : null;
    if (content == null) {
      throw new RequestRefusedException(404, "There is nothing at this path");
    }
    if (directory && !last.isEmpty()) {
      // Relative, so that it is right behind a proxy that serves us under another path.
      return Response.redirect(last + "/");
    }
    return respond(request, content);
  }

  private static Response respond(Request request, Content content) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Cache-Control", "no-cache");
    headers.put("ETag", content.tag());
    headers.put("Vary", "Accept-Encoding");
    String known = request.header("If-None-Match").orElse("");
    if (known.contains(content.tag())) {
      return new Response(304, headers, ByteBuffer.allocate(0));
    }
    headers.put("Content-Type", content.type());
    boolean gzip =
        content.gzipped().isPresent()
            && request.header("Accept-Encoding").orElse("").contains("gzip");
    if (gzip) {
      headers.put("Content-Encoding", "gzip");
    }
    return new Response(200, headers, gzip ? content.gzipped().orElseThrow() : content.bytes());
  }

  /** Nothing that a source could take for a place above its own. */
  private static boolean isSafe(String name) {
    if (name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0 || name.indexOf(':') >= 0) {
      return false;
    }
    for (String segment : name.split("/", -1)) {
      if (segment.isEmpty() || segment.startsWith(".")) {
        return false;
      }
    }
    return true;
  }

  private @Nullable Content content(String name) throws IOException {
    Content known = found.get(name);
    if (known != null) {
      return known;
    }
    try (InputStream in = source.open(name)) {
      if (in == null) {
        return null;
      }
      Content content = read(name, in.readAllBytes());
      found.put(name, content);
      return content;
    }
  }

  private static Content read(String name, byte[] bytes) throws IOException {
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzipped)) {
      out.write(bytes);
    }
    boolean pays = gzipped.size() < bytes.length;
    return new Content(
        TYPES.getOrDefault(extension, "application/octet-stream"),
        ByteBuffer.wrap(bytes),
        pays ? Optional.of(ByteBuffer.wrap(gzipped.toByteArray())) : Optional.empty(),
        tag(bytes));
  }

  private static String tag(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "\"" + HexFormat.of().formatHex(hash, 0, 12) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
