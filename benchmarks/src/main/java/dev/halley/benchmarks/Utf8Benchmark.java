package dev.halley.benchmarks;

import dev.halley.websocket.Utf8Validator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.TextCheck;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** UTF-8 told from what isn't, in texts of 16 KiB a second. */
@State(Scope.Thread)
public class Utf8Benchmark {
  static final int LENGTH = 16 << 10;

  /** Which text. */
  @Param({"ascii", "chinese"})
  public String text = "";

  private final TextCheck netty = new TextCheck();
  private final ByteBuffer direct = ByteBuffer.allocateDirect(LENGTH);
  private ByteBuffer heap = ByteBuffer.allocate(0);
  private ByteBuf nettyDirect = Unpooled.EMPTY_BUFFER;

  /** Makes the text. */
  @Setup(Level.Trial)
  public void begin() {
    byte[] bytes = "ascii".equals(text) ? Texts.ascii(LENGTH) : Texts.chinese(LENGTH);
    heap = ByteBuffer.wrap(bytes);
    direct.put(0, bytes);
    nettyDirect = Unpooled.directBuffer(LENGTH).writeBytes(bytes);
  }

  /** Halley, in the kind of buffer that its server reads into. */
  @Benchmark
  public boolean halley() {
    return Utf8Validator.isValid(direct);
  }

  /** Halley, in an array. */
  @Benchmark
  public boolean halleyHeap() {
    return Utf8Validator.isValid(heap);
  }

  /** Netty, in the kind of buffer that its servers read into; throws if it is none. */
  @Benchmark
  public void netty() {
    netty.check(nettyDirect);
  }

  /** The JDK, which doesn't validate but makes a String. */
  @Benchmark
  public String string() {
    return new String(heap.array(), StandardCharsets.UTF_8);
  }
}
