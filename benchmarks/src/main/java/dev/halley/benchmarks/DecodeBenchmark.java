package dev.halley.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From bytes read to payloads, in frames a second. */
public class DecodeBenchmark {
  static final int LARGE = 16 << 10;
  static final int SMALL = 20;
  static final int SMALL_FRAMES = 32;
  static final int TEXT = 1 << 10;

  /** Runs one contestant. */
  @State(Scope.Thread)
  public abstract static class Contest {
    /** Who decodes. */
    @Param({
      Contestants.HALLEY,
      Contestants.HALLEY_HEAP,
      Contestants.NETTY,
      Contestants.JETTY,
      Contestants.UNDERTOW,
      Contestants.COPY
    })
    public String contestant = "";

    private final Wire wire;
    private final boolean isText;
    private Decoder decoder = new CopyDecoder(Wire.binary(1, 1));

    Contest(Wire wire, boolean isText) {
      this.wire = wire;
      this.isText = isText;
    }

    /** Makes the decoder. */
    @Setup(Level.Trial)
    public void begin() throws Exception {
      decoder = Contestants.decoder(contestant, wire, isText, false);
    }

    /** Ends the decoder. */
    @TearDown(Level.Trial)
    public void end() throws Exception {
      decoder.close();
    }

    int decode() throws Exception {
      decoder.decode();
      return decoder.touched();
    }
  }

  /** One frame of 16 KiB in a read. */
  public static class Large extends Contest {
    /** A wire of random bytes. */
    public Large() {
      super(Wire.binary(1, LARGE), false);
    }
  }

  /** Frames of 20 bytes, 32 in a read. */
  public static class Small extends Contest {
    /** A wire of random bytes. */
    public Small() {
      super(Wire.binary(SMALL_FRAMES, SMALL), false);
    }
  }

  /** One frame of 1 KiB of Chinese text in a read. */
  public static class Text extends Contest {
    /** A wire of text. */
    public Text() {
      super(Wire.text(Texts.chinese(TEXT)), true);
    }
  }

  /** Frames of 16 KiB a second. */
  @Benchmark
  public int large(Large contest) throws Exception {
    return contest.decode();
  }

  /** Frames of 20 bytes a second. */
  @Benchmark
  @OperationsPerInvocation(SMALL_FRAMES)
  public int small(Small contest) throws Exception {
    return contest.decode();
  }

  /** Text frames of 1 KiB a second. */
  @Benchmark
  public int text(Text contest) throws Exception {
    return contest.decode();
  }
}
