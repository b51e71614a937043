package dev.halley.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.broker.Batch;
import dev.halley.broker.Gap;
import dev.halley.broker.Payload;
import dev.halley.broker.Publication;
import dev.halley.broker.StreamPosition;
import dev.halley.server.hub.WireForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WireFormTest {
  private static List<Publication> log(Payload... payloads) {
    List<Publication> publications = new ArrayList<>();
    for (Payload payload : payloads) {
      StreamPosition position = new StreamPosition("e", publications.size() + 1);
      publications.add(new Publication(position, payload, 7));
    }
    return publications;
  }

  private static byte[] bytes(WireForm form, Payload... payloads) {
    return taken(form.encode(UnpooledByteBufAllocator.DEFAULT, "ch", log(payloads)));
  }

  private static String text(WireForm form, Payload... payloads) {
    return new String(bytes(form, payloads), UTF_8);
  }

  private static byte[] taken(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    buffer.release();
    return bytes;
  }

  private static String v1(Payload payload) {
    byte[] frame = bytes(HalleyV1Form.PLAIN, payload);
    int length = frame[1] & 0x7f;
    int header = length < 126 ? 2 : 4;
    int payloadLength = length < 126 ? length : (frame[2] & 0xff) << 8 | (frame[3] & 0xff);
    assertThat(frame[0]).isEqualTo((byte) 0x81);
    assertThat(frame).hasSize(header + payloadLength);
    return new String(frame, header, payloadLength, UTF_8);
  }

  @Test
  void aRawBatchIsAnUnmaskedFramePerPayload() {
    byte[] frames =
        bytes(
            RawForm.PLAIN, Payload.text("hi"), Payload.binary(new byte[] {1}), Payload.json("{}"));

    assertThat(HexFormat.of().formatHex(frames)).isEqualTo("81026869" + "820101" + "81027b7d");
  }

  @Test
  void aRawFrameOf126BytesHasATwoByteLength() {
    byte[] frame = bytes(RawForm.PLAIN, Payload.text("x".repeat(126)));

    assertThat(HexFormat.of().formatHex(frame, 0, 4)).isEqualTo("817e007e");
  }

  @Test
  void textIsAJsonStringWithItsControlCharactersEscaped() {
    assertThat(v1(Payload.text("a\"b\\c\n\r\t\u0001é漢")))
        .isEqualTo(
            "{\"channel\":\"ch\",\"position\":\"e:1\",\"time\":7,"
                + "\"data\":\"a\\\"b\\\\c\\n\\r\\t\\u0001é漢\"}");
  }

  @Test
  void jsonIsItselfAndBinaryIsBase64() {
    assertThat(v1(Payload.json("[1, {}]"))).endsWith("\"data\":[1, {}]}");
    assertThat(v1(Payload.binary(new byte[] {0, 1, 2, 3}))).endsWith("\"base64\":\"AAECAw==\"}");
  }

  @Test
  void anEventHasItsPositionAsId() {
    assertThat(text(SseForm.PLAIN, Payload.text("a"), Payload.text("b")))
        .isEqualTo("id: e:1\ndata: a\n\nid: e:2\ndata: b\n\n");
  }

  @Test
  void eachLineOfAPayloadIsADataLineWhateverEndsIt() {
    assertThat(text(SseForm.PLAIN, Payload.text("a\nb\r\nc\rd\n")))
        .isEqualTo("id: e:1\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
  }

  @Test
  void anEmptyPayloadIsAnEvent() {
    assertThat(text(SseForm.PLAIN, Payload.text(""))).isEqualTo("id: e:1\ndata: \n\n");
  }

  @Test
  void aBinaryEventIsBase64UnderItsOwnName() {
    assertThat(text(SseForm.PLAIN, Payload.binary(new byte[] {1})))
        .isEqualTo("id: e:1\nevent: binary\ndata: AQ==\n\n");
  }

  @Test
  void aBatchIsOneChunk() {
    String body = "id: e:1\ndata: a\n\n";

    assertThat(text(SseForm.CHUNKED, Payload.text("a")))
        .isEqualTo(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n");
  }

  @Test
  void aPollTellsWhatWasLostAndWhereToGoOn() {
    Gap gap = new Gap(new StreamPosition("d", 5), new StreamPosition("e", 0));
    List<Publication> publications = log(Payload.text("x"));
    Batch batch = new Batch(Optional.of(gap), publications, publications.getLast().position());

    byte[] body =
        taken(
            PollBody.encode(
                UnpooledByteBufAllocator.DEFAULT, List.of("ch"), List.of(batch), "e:1"));

    assertThat(new String(body, UTF_8))
        .isEqualTo(
            "{\"publications\":[{\"channel\":\"ch\",\"position\":\"e:1\",\"time\":7,\"data\":\"x\"}],"
                + "\"position\":\"e:1\",\"gap\":true,"
                + "\"gaps\":[{\"channel\":\"ch\",\"from\":\"d:5\",\"to\":\"e:0\"}]}\n");
  }
}
