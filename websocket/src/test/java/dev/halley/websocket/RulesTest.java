package dev.halley.websocket;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a peer must not do, and what it is told. */
class RulesTest {
  @ParameterizedTest
  @EnumSource
  void reservedBitsMustBe0(Side side) {
    String failure =
        "FAILURE 1002 Reserved bits must be 0 unless an extension gives them a meaning.";
    Input.of(side, "c100|").gives(failure);
    Input.of(side, "a200|").gives(failure);
    Input.of(side, "9900|").gives(failure);
    Input.of(side, "0101|61", "c001|62").gives(failure);
  }

  @ParameterizedTest
  @EnumSource
  void reservedOpcodesMustNotBeUsed(Side side) {
    for (String opcode : new String[] {"3", "4", "5", "6", "7", "b", "c", "d", "e", "f"}) {
      Input.of(side, "8" + opcode + "00|").gives("FAILURE 1002 Reserved opcodes must not be used.");
    }
  }

  @ParameterizedTest
  @EnumSource
  void controlFramesMustBeFinal(Side side) {
    for (String opcode : new String[] {"8", "9", "a"}) {
      Input.of(side, "0" + opcode + "00|").gives("FAILURE 1002 Control frames must be final.");
    }
  }

  @ParameterizedTest
  @EnumSource
  void controlFramesMustNotExceed125Bytes(Side side) {
    String failure = "FAILURE 1002 Control frames must not exceed 125 bytes of payload.";
    Input.of(side, "897e007e|" + "00".repeat(126)).gives(failure);
    Input.of(side, "8a7f0000000000010000|").gives(failure);
    Input.of(side, "887e0002|03e8").gives(failure);
    Input.of(side, "897d|" + "ab".repeat(125)).gives("PING " + "ab".repeat(125));
  }

  @ParameterizedTest
  @EnumSource
  void continuationsMustContinueAMessage(Side side) {
    String failure = "FAILURE 1002 Continuation frames must continue a message that has begun.";
    Input.of(side, "8001|61").gives(failure);
    Input.of(side, "8101|61", "0001|61").gives("TEXT a", failure);
    Input.of(side, "0101|61", "8001|62", "8000|").gives("TEXT ab", failure);
  }

  @ParameterizedTest
  @EnumSource
  void messagesMustNotInterruptEachOther(Side side) {
    String failure = "FAILURE 1002 A message must not begin before the one before it has ended.";
    Input.of(side, "0101|61", "8101|62").gives(failure);
    Input.of(side, "0100|", "8200|").gives(failure);
  }

  @Test
  void clientsMustMask() {
    String failure = "FAILURE 1002 Client-sent frames must be masked.";
    Input.raw(Side.SERVER, "810161").gives(failure);
    Input.raw(Side.SERVER, "8100").gives(failure);
    Input.raw(Side.SERVER, "8900").gives(failure);
  }

  @Test
  void serversMustNotMask() {
    Input.raw(Side.CLIENT, "81810000000061")
        .gives("FAILURE 1002 Server-sent frames must not be masked.");
  }

  @ParameterizedTest
  @EnumSource
  void lengthsMustBeInTheirShortestForm(Side side) {
    String failure = "FAILURE 1002 Lengths must be sent in their shortest form.";
    Input.of(side, "827e0000|").gives(failure);
    Input.of(side, "827e007d|" + "00".repeat(125)).gives(failure);
    Input.of(side, "827f0000000000000000|").gives(failure);
    Input.of(side, "827f000000000000ffff|").gives(failure);
  }

  @ParameterizedTest
  @EnumSource
  void theTopBitOfALengthMustBe0(Side side) {
    String failure = "FAILURE 1002 The top bit of a 64-bit length must be 0.";
    Input.of(side, "827f8000000000000000|").gives(failure);
    Input.of(side, "827fffffffffffffffff|").gives(failure);
  }

  @ParameterizedTest
  @EnumSource
  void aFrameIsRefusedByItsHeaderIfItExceedsTheLimit(Side side) {
    String failure = "FAILURE 1009 The frame must not exceed this endpoint's limit.";
    Input.of(side, "8204|00000000").within(4, 8).gives("BINARY 00000000");
    Input.of(side, "8205|").within(4, 8).gives(failure);
    Input.of(side, "827f7fffffffffffffff|").gives(failure);
    Input.of(side, "827f0000000100000000|").gives(failure);
    Input.of(side, "0201|00", "8005|").within(4, 8).gives(failure);
  }

  @ParameterizedTest
  @EnumSource
  void aMessageIsRefusedByAHeaderIfItExceedsTheLimit(Side side) {
    String failure = "FAILURE 1009 The message must not exceed this endpoint's limit.";
    Input.of(side, "0204|00000000", "8004|00000000").within(4, 8).gives("BINARY 0000000000000000");
    Input.of(side, "0204|00000000", "0004|00000000", "0000|", "8001|").within(4, 8).gives(failure);
    Input.of(side, "8204|").within(8, 3).gives(failure);
  }

  @ParameterizedTest
  @EnumSource
  void controlFramesHaveNoOtherLimit(Side side) {
    Input.of(side, "0201|00", "8903|010203", "8001|00")
        .within(1, 2)
        .gives("PING 010203", "BINARY 0000");
  }

  @ParameterizedTest
  @EnumSource
  void aClosePayloadMustHaveACode(Side side) {
    Input.of(side, "8801|03")
        .gives("FAILURE 1002 A close frame's payload must be empty or begin with two bytes.");
  }

  @ParameterizedTest
  @EnumSource
  void aCloseCodeMustBeValidOnTheWire(Side side) {
    for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
      Input.of(side, "8802|%04x".formatted(code))
          .gives("FAILURE 1002 A close frame's code must be one that may be sent.");
    }
    for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999}) {
      Input.of(side, "8802|%04x".formatted(code)).gives("CLOSE " + code + " ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCloseReasonMustBeUtf8(Side side) {
    String failure = "FAILURE 1007 A close frame's reason must be UTF-8.";
    Input.of(side, "8805|03e8c3a961").gives("CLOSE 1000 éa");
    Input.of(side, "8803|03e8ff").gives(failure);
    Input.of(side, "8804|03e861c3").gives(failure);
  }

  @ParameterizedTest
  @EnumSource
  void nothingAfterAFailureIsRead(Side side) {
    Input.of(side, "8300|", "8101|61", "8300|", "8800|")
        .gives("FAILURE 1002 Reserved opcodes must not be used.");
  }

  @ParameterizedTest
  @EnumSource
  void nothingAfterACloseIsRead(Side side) {
    Input.of(side, "8800|", "8101|61", "8300|", "8800|").gives("CLOSE 1005 ");
  }
}
