package dev.halley.showcase;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;

/** Draws QR codes as SVG. */
final class QrSvg {
  /** The quiet zone that ISO/IEC 18004 wants around a code, in modules. */
  private static final int MARGIN = 4;

  private QrSvg() {}

  /**
   * A code, dark on white in any theme, for scanners expect that.
   *
   * @throws IllegalArgumentException if the text is too long for one
   */
  static String of(String text) {
    ByteMatrix modules = encode(text);
    int side = modules.getWidth() + 2 * MARGIN;
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < modules.getHeight(); y++) {
      appendRow(path, modules, y);
    }
    return ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
            + " shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
            + "<path d=\"%s\"/></svg>")
        .formatted(side, side, side, side, path);
  }

  /** Each run of dark modules is one rectangle. */
  private static void appendRow(StringBuilder path, ByteMatrix modules, int y) {
    int x = 0;
    while (x < modules.getWidth()) {
      int begin = x;
      while (x < modules.getWidth() && modules.get(x, y) == 1) {
        x++;
      }
      if (x > begin) {
        int run = x - begin;
        path.append('M').append(begin + MARGIN).append(' ').append(y + MARGIN);
        path.append('h').append(run).append("v1h-").append(run).append('z');
      }
      x++;
    }
  }

  private static ByteMatrix encode(String text) {
    try {
      return Encoder.encode(text, ErrorCorrectionLevel.M).getMatrix();
    } catch (WriterException e) {
      throw new IllegalArgumentException("This is too long for a QR code", e);
    }
  }
}
