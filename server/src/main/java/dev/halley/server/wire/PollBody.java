package dev.halley.server.wire;

import dev.halley.broker.Batch;
import dev.halley.broker.Gap;
import dev.halley.broker.Publication;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/** The body of an answer to a poll. */
public final class PollBody {
  private PollBody() {}

  /**
   * Encodes what was read of each channel.
   *
   * @param batches one per channel, in the order of the channels
   * @param position the cursor for the next poll
   */
  public static ByteBuf encode(
      ByteBufAllocator allocator, List<String> channels, List<Batch> batches, String position) {
    ByteBuf out = allocator.buffer(256);
    try {
      write(out, channels, batches, position);
      return out;
    } catch (Throwable e) {
      out.release();
      throw e;
    }
  }

  private static void write(
      ByteBuf out, List<String> channels, List<Batch> batches, String position) {
    ByteBufUtil.writeAscii(out, "{\"publications\":[");
    boolean first = true;
    for (int i = 0; i < batches.size(); i++) {
      for (Publication publication : batches.get(i).publications()) {
        if (!first) {
          out.writeByte(',');
        }
        first = false;
        JsonText.writePublication(out, channels.get(i), publication);
      }
    }
    ByteBufUtil.writeAscii(out, "],\"position\":\"");
    ByteBufUtil.writeAscii(out, position);
    ByteBufUtil.writeAscii(out, "\",\"gap\":");
    writeGaps(out, channels, batches);
    ByteBufUtil.writeAscii(out, "}\n");
  }

  /** {@code {"channel":…,"from":…,"to":…}}. */
  public static String gap(String channel, Gap gap) {
    return "{\"channel\":\""
        + channel
        + "\",\"from\":\""
        + gap.from()
        + "\",\"to\":\""
        + gap.to()
        + "\"}";
  }

  private static void writeGaps(ByteBuf out, List<String> channels, List<Batch> batches) {
    if (batches.stream().noneMatch(batch -> batch.gap().isPresent())) {
      ByteBufUtil.writeAscii(out, "false");
      return;
    }
    ByteBufUtil.writeAscii(out, "true,\"gaps\":[");
    boolean first = true;
    for (int i = 0; i < batches.size(); i++) {
      Gap gap = batches.get(i).gap().orElse(null);
      if (gap != null) {
        ByteBufUtil.writeAscii(out, (first ? "" : ",") + gap(channels.get(i), gap));
        first = false;
      }
    }
    out.writeByte(']');
  }
}
