package dev.halley.inspector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Wireshark without its window. */
final class Tshark {
  private static final String NEEDS =
      "tshark may not capture on lo: run this as root, or let your user capture"
          + " (dpkg-reconfigure wireshark-common, then join the group wireshark)";

  private static final List<String> FIELDS =
      List.of(
          "websocket.fin",
          "websocket.rsv",
          "websocket.opcode",
          "websocket.mask",
          "websocket.payload_length",
          "websocket.masking_key");

  private Tshark() {}

  /** A capture that runs; a line of standard output for each packet. */
  record Live(Process process, BufferedReader lines) implements AutoCloseable {
    /** Waits for the first packet. */
    void begins() throws IOException {
      if (lines.readLine() == null) {
        refuse();
      }
    }

    /** Root may always capture. Another user may not be let: that user's test is skipped. */
    private static void refuse() {
      assertThat(System.getProperty("user.name")).as("tshark didn't capture").isNotEqualTo("root");
      abort(NEEDS);
    }

    /** Waits for a packet whose line has this in it. */
    void await(String text) throws IOException {
      String line = lines.readLine();
      while (line != null && !line.contains(text)) {
        line = lines.readLine();
      }
      assertThat(line).as("tshark saw %s", text).isNotNull();
    }

    /** Ends it as Ctrl-C does, so that the file is whole. */
    @Override
    public void close() throws IOException {
      process.toHandle().destroy();
      try {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      lines.close();
    }
  }

  /** Captures what passes a port of the loopback interface. */
  static Live capture(int port, Path file) throws IOException {
    Process process =
        start("-i", "lo", "-f", "tcp port " + port, "-w", file.toString(), "-P", "-l", "-n");
    return new Live(process, process.inputReader(UTF_8));
  }

  /** A frame as a line: {@code stream up|down fin rsv opcode mask length key}. */
  static List<String> frames(Path file, int serverPort) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("-r", file.toString(), "-n"));
    arguments.addAll(List.of("-d", "tcp.port==" + serverPort + ",http"));
    // It would show no more than the first frames of a long run otherwise.
    arguments.addAll(List.of("-Y", "websocket", "-T", "fields", "-e", "tcp.stream"));
    arguments.addAll(List.of("-e", "tcp.dstport"));
    FIELDS.forEach(field -> arguments.addAll(List.of("-e", field)));
    arguments.addAll(List.of("-e", "websocket.payload_length_ext_16"));
    arguments.addAll(List.of("-e", "websocket.payload_length_ext_64"));
    List<String> frames = new ArrayList<>();
    for (String line : run(arguments)) {
      frames.addAll(framesOf(line.split("\t", -1), serverPort));
    }
    return frames;
  }

  private static List<String> framesOf(String[] columns, int serverPort) {
    String direction = columns[1].equals(String.valueOf(serverPort)) ? "up" : "down";
    String[] fin = columns[2].split(",", -1);
    String[] rsv = columns[3].split(",", -1);
    String[] opcode = columns[4].split(",", -1);
    String[] mask = columns[5].split(",", -1);
    String[] length = columns[6].split(",", -1);
    String[] key = columns[7].split(",", -1);
    String[] in16 = columns[8].split(",", -1);
    String[] in64 = columns[9].split(",", -1);
    List<String> frames = new ArrayList<>();
    int keys = 0;
    int of16 = 0;
    int of64 = 0;
    for (int i = 0; i < fin.length; i++) {
      String size =
          switch (length[i]) {
            case "126" -> in16[of16++];
            case "127" -> in64[of64++];
            default -> length[i];
          };
      frames.add(
          String.join(
              " ",
              columns[0],
              direction,
              fin[i],
              String.valueOf(Integer.decode(rsv[i])),
              opcode[i],
              mask[i],
              size,
              mask[i].equals("1") ? key[keys++].replace(":", "") : "-"));
    }
    return frames;
  }

  /** What a capture says is wrong with its packets. */
  static List<String> warnings(Path file, int serverPort) throws Exception {
    return run(
        List.of(
            "-r",
            file.toString(),
            "-n",
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
            "-d",
            "tcp.port==" + serverPort + ",http",
            "-Y",
            // Which ports are used again is the system's affair.
            "(tcp.analysis.flags and not tcp.analysis.reused_ports)"
                + " or tcp.checksum.status==0 or ip.checksum.status==0 or _ws.malformed"));
  }

  static List<String> run(List<String> arguments) throws Exception {
    Process process = start(arguments.toArray(String[]::new));
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      List<String> output = lines.lines().toList();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      return output;
    }
  }

  private static Process start(String... arguments) {
    List<String> command = new ArrayList<>(List.of("tshark"));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new AssertionError("tshark is missing; ./verify installs what the tests need", e);
    }
  }
}
