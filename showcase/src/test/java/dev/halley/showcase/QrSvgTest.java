package dev.halley.showcase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class QrSvgTest {
  private static final Pattern SIDE = Pattern.compile("viewBox=\"0 0 (\\d+) ");
  private static final Pattern RUN = Pattern.compile("M(\\d+) (\\d+)h(\\d+)v1h-\\d+z");
  private static final int SCALE = 8;
  private static final int WHITE = 0xffffff;

  @Test
  void aScannerReadsWhatWasDrawn() throws Exception {
    String link = "http://192.168.1.20:8080/qr/phone/#AAECAwQFBgcICQoLDA0ODw";

    assertThat(scan(QrSvg.of(link))).isEqualTo(link);
  }

  @Test
  void whatIsTooLongForACodeIsRefused() {
    assertThatThrownBy(() -> QrSvg.of("x".repeat(5_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Paints the drawing's rectangles and reads the picture. */
  private static String scan(String svg) throws Exception {
    Matcher size = SIDE.matcher(svg);
    assertThat(size.find()).isTrue();
    int side = Integer.parseInt(size.group(1)) * SCALE;
    int[] pixels = new int[side * side];
    Arrays.fill(pixels, WHITE);
    for (Matcher run = RUN.matcher(svg); run.find(); ) {
      int x = Integer.parseInt(run.group(1)) * SCALE;
      int y = Integer.parseInt(run.group(2)) * SCALE;
      int width = Integer.parseInt(run.group(3)) * SCALE;
      for (int row = y; row < y + SCALE; row++) {
        Arrays.fill(pixels, row * side + x, row * side + x + width, 0);
      }
    }
    RGBLuminanceSource picture = new RGBLuminanceSource(side, side, pixels);
    return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(picture))).getText();
  }
}
