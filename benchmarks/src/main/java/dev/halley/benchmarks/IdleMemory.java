package dev.halley.benchmarks;

import dev.halley.websocket.Compression;
import dev.halley.websocket.DeflateParameters;
import dev.halley.websocket.DeflatePool;
import dev.halley.websocket.MaskKeys;
import dev.halley.websocket.MessageLimits;
import dev.halley.websocket.ProtocolOptions;
import dev.halley.websocket.WebSocketProtocol;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.openjdk.jol.info.GraphLayout;

/** Bytes on the heap of one idle protocol object and all that it has for itself. */
final class IdleMemory {
  private static final int MANY = 1_000;

  private IdleMemory() {}

  /** Bytes by the names of the kinds. */
  static Map<String, Long> measure() {
    ProtocolOptions plain = ProtocolOptions.of(new MessageLimits(1 << 20, 1 << 20));
    WebSocketDecoderConfig nettys = WebSocketDecoderConfig.newBuilder().build();
    IntSupplier keys = new MaskKeys(new SecureRandom());
    try (DeflatePool pool = new DeflatePool(DeflatePool.DEFAULT_LEVEL)) {
      ProtocolOptions deflating =
          plain.withCompression(
              new Compression(
                  DeflateParameters.NO_CONTEXT_TAKEOVER, pool, Compression.DEFAULT_THRESHOLD));
      Map<String, Long> bytes = new LinkedHashMap<>();
      bytes.put("server", each(() -> WebSocketProtocol.server(plain)));
      bytes.put("server, deflate", each(() -> WebSocketProtocol.server(deflating)));
      bytes.put("client", each(() -> WebSocketProtocol.client(plain, keys)));
      bytes.put("client, deflate", each(() -> WebSocketProtocol.client(deflating, keys)));
      bytes.put(
          "netty",
          each(
              () ->
                  new Object[] {
                    new WebSocket13FrameDecoder(nettys),
                    new WebSocket13FrameEncoder(false),
                    new Utf8FrameValidator()
                  }));
      return bytes;
    }
  }

  /** What is shared by all is in both sums, and so in neither's difference. */
  private static long each(Supplier<Object> kind) {
    Object[] one = new Object[MANY + 1];
    one[0] = kind.get();
    long before = GraphLayout.parseInstance((Object) one).totalSize();
    Object[] many = new Object[MANY + 1];
    for (int i = 0; i <= MANY; i++) {
      many[i] = kind.get();
    }
    return (GraphLayout.parseInstance((Object) many).totalSize() - before) / MANY;
  }
}
