package dev.halley.benchmarks;

import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From a payload to a server's frame, in frames a second. */
@State(Scope.Thread)
public class EncodeBenchmark {
  /** Who encodes. */
  @Param({
    Contestants.HALLEY,
    Contestants.NETTY,
    Contestants.JETTY,
    Contestants.UNDERTOW,
    Contestants.COPY
  })
  public String contestant = "";

  /** Bytes of payload. */
  @Param({"64", "1024"})
  public int length;

  private Encoder encoder = new HalleyEncoder(new byte[0]);

  /** Makes the encoder. */
  @Setup(Level.Trial)
  public void begin() throws Exception {
    encoder = Contestants.encoder(contestant, payload(length));
  }

  /** Ends the encoder. */
  @TearDown(Level.Trial)
  public void end() throws Exception {
    encoder.close();
  }

  /** Frames a second. */
  @Benchmark
  public byte encode() throws Exception {
    return encoder.encode();
  }

  static byte[] payload(int length) {
    byte[] payload = new byte[length];
    new Random(3).nextBytes(payload);
    return payload;
  }
}
