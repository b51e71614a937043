package dev.halley.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * One frame as Wireshark understands it.
 *
 * @param byClient whether the client sent it
 * @param frame the frame itself
 * @param size of all of it, in bytes
 */
record DissectedFrame(boolean byClient, Frame frame, long size) {

  /**
   * What a frame says.
   *
   * @param fin the bit
   * @param reserved the three bits, of which RSV1 is 4
   * @param opcode the four bits
   * @param masked the bit
   * @param lengthBits in how many bits its length is: 7, 16 or 64
   * @param payload in hex, unmasked and inflated; that of a message in several frames stands in the
   *     last of them, where Wireshark puts it together
   */
  record Frame(
      boolean fin, int reserved, int opcode, boolean masked, int lengthBits, String payload) {}

  /** All frames of a dissection in PDML, in the order in which they were captured. */
  static List<DissectedFrame> all(String pdml, int serverPort) throws Exception {
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(pdml)))
            .getDocumentElement();
    List<DissectedFrame> frames = new ArrayList<>();
    for (Element packet : children(root)) {
      addFrames(children(packet), serverPort, frames);
    }
    return frames;
  }

  private static void addFrames(List<Element> layers, int serverPort, List<DissectedFrame> frames) {
    Map<String, String> tcp = Map.of();
    for (int i = 0; i < layers.size(); i++) {
      Element layer = layers.get(i);
      if (layer.getAttribute("name").equals("tcp")) {
        tcp = fields(layer, "show");
      }
      if (layer.getAttribute("name").equals("websocket")) {
        // Wireshark puts binary data into a layer of its own, after the frame.
        Map<String, String> data =
            i + 1 < layers.size() ? fields(layers.get(i + 1), "value") : Map.of();
        frames.add(frame(tcp, layer, data, serverPort));
      }
    }
  }

  private static DissectedFrame frame(
      Map<String, String> tcp, Element layer, Map<String, String> data, int serverPort) {
    Map<String, String> shown = fields(layer, "show");
    Map<String, String> values = fields(layer, "value");
    boolean byClient = Integer.parseInt(tcp.get("tcp.dstport")) == serverPort;
    boolean masked = flag(shown, "websocket.mask");
    long length = length(shown);
    int bits = lengthBits(shown);
    Frame frame =
        new Frame(
            flag(shown, "websocket.fin"),
            Integer.decode(shown.get("websocket.rsv")),
            Integer.parseInt(shown.get("websocket.opcode")),
            masked,
            bits,
            length == 0 || !flag(shown, "websocket.fin") ? "" : payload(values, data));
    int header = 2 + (bits == 7 ? 0 : bits / 8) + (masked ? 4 : 0);
    return new DissectedFrame(byClient, frame, header + length);
  }

  private static int lengthBits(Map<String, String> shown) {
    return switch (shown.get("websocket.payload_length")) {
      case "126" -> 16;
      case "127" -> 64;
      default -> 7;
    };
  }

  private static long length(Map<String, String> shown) {
    return Long.parseLong(
        switch (lengthBits(shown)) {
          case 16 -> shown.get("websocket.payload_length_ext_16");
          case 64 -> shown.get("websocket.payload_length_ext_64");
          default -> shown.get("websocket.payload_length");
        });
  }

  private static String payload(Map<String, String> values, Map<String, String> data) {
    String code = values.get("websocket.payload.close.status_code");
    if (code != null) {
      return code + values.getOrDefault("websocket.payload.close.reason", "");
    }
    for (String kind : List.of("text", "ping", "pong", "continue")) {
      String payload = values.get("websocket.payload." + kind);
      if (payload != null) {
        return payload;
      }
    }
    assertThat(data).as("after %s", values).containsKey("data.data");
    return data.get("data.data");
  }

  static String hex(byte[] payload) {
    return HexFormat.of().formatHex(payload);
  }

  static String hex(String payload) {
    return hex(payload.getBytes(UTF_8));
  }

  private static boolean flag(Map<String, String> shown, String name) {
    return shown.get(name).equals("1");
  }

  /** The fields of a layer, the first of each name. */
  private static Map<String, String> fields(Element layer, String attribute) {
    Map<String, String> fields = new TreeMap<>();
    NodeList all = layer.getElementsByTagName("field");
    for (int i = 0; i < all.getLength(); i++) {
      Element field = (Element) all.item(i);
      fields.putIfAbsent(field.getAttribute("name"), field.getAttribute(attribute));
    }
    return fields;
  }

  private static List<Element> children(Element parent) {
    List<Element> children = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        children.add(element);
      }
    }
    return children;
  }
}
