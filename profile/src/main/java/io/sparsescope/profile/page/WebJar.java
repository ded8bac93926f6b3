package io.sparsescope.profile.page;

/**
 * A library of scripts as WebJars have it on the class path, read each time it is asked for.
 *
 * @param name the WebJar's
 * @param version the one that the build depends on
 * @param file its script, by the path in the WebJar
 * @param about what it is, and its licence, for people
 */
public record WebJar(String name, String version, String file, String about) {
  /** The plots' library. */
  public static final WebJar ECHARTS =
      new WebJar("echarts", "5.3.1", "dist/echarts.min.js", "Apache ECharts, plots, Apache-2.0");

  /**
   * The script.
   *
   * @return UTF-8
   * @throws IllegalStateException if it is not on the class path
   */
  public byte[] script() {
    return read(file);
  }

  /** The text of its licence. */
  public String licence() {
    return PageParts.text(read("LICENSE")).strip();
  }

  private byte[] read(String path) {
    return PageParts.resource(
        WebJar.class, "/META-INF/resources/webjars/" + name + "/" + version + "/" + path);
  }
}
