package io.sparsescope.demo;

/** Pictures of words, drawn from a 5x7 bitmap font: input for a model that looks at text. */
final class Letters {
  static final int HEIGHT = 48;
  static final int WIDTH = 192;

  private static final int SCALE = 5;
  private static final int GLYPH_WIDTH = 5;
  private static final int GLYPH_HEIGHT = 7;

  /** Letters that look different upside down. */
  static final String ALPHABET = "AEFGJKLPRTUY";

  /** A letter a row: seven rows of five pixels, the leftmost in the highest bit. */
  private static final int[][] FONT = {
    {14, 17, 17, 31, 17, 17, 17},
    {31, 16, 16, 30, 16, 16, 31},
    {31, 16, 16, 30, 16, 16, 16},
    {14, 17, 16, 23, 17, 17, 14},
    {7, 2, 2, 2, 2, 18, 12},
    {17, 18, 20, 24, 20, 18, 17},
    {16, 16, 16, 16, 16, 16, 31},
    {30, 17, 17, 30, 16, 16, 16},
    {30, 17, 17, 30, 20, 18, 17},
    {31, 4, 4, 4, 4, 4, 4},
    {17, 17, 17, 17, 17, 17, 14},
    {17, 17, 10, 4, 4, 4, 4},
  };

  private Letters() {}

  /**
   * A picture of a word, dark on light, as the model takes it: [3, 48, 192], values from -1 to 1.
   *
   * @param upsideDown turned by 180 degrees
   */
  static float[] draw(String word, boolean upsideDown) {
    boolean[][] ink = new boolean[HEIGHT][WIDTH];
    int left = (WIDTH - word.length() * (GLYPH_WIDTH + 1) * SCALE) / 2;
    int top = (HEIGHT - GLYPH_HEIGHT * SCALE) / 2;
    for (int i = 0; i < word.length(); i++) {
      int[] glyph = FONT[ALPHABET.indexOf(word.charAt(i))];
      int x0 = left + i * (GLYPH_WIDTH + 1) * SCALE;
      for (int y = 0; y < GLYPH_HEIGHT * SCALE; y++) {
        for (int x = 0; x < GLYPH_WIDTH * SCALE; x++) {
          ink[top + y][x0 + x] = (glyph[y / SCALE] >> (GLYPH_WIDTH - 1 - x / SCALE) & 1) == 1;
        }
      }
    }
    float[] picture = new float[3 * HEIGHT * WIDTH];
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          boolean dark = upsideDown ? ink[HEIGHT - 1 - y][WIDTH - 1 - x] : ink[y][x];
          picture[(channel * HEIGHT + y) * WIDTH + x] = dark ? -0.7f : 0.8f;
        }
      }
    }
    return picture;
  }
}
