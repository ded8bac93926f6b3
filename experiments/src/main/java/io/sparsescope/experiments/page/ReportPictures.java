package io.sparsescope.experiments.page;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.TextFile;
import io.sparsescope.experiments.report.ReportFile;
import io.sparsescope.experiments.search.By;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes the plots that a page would show, a file each, named after what they show. */
public final class ReportPictures {
  private ReportPictures() {}

  /**
   * Writes the pictures: each beside its place, then moved there, instead of one of the same name.
   * The folders are made if they are not there.
   *
   * @param files what they are of
   * @param by what has a row, as on the page
   * @param svg where vector graphics go
   * @param png where images go, two pixels for each of the page's
   * @return the files written
   * @throws ExperimentException if a file is damaged, there is nothing to plot, a picture cannot be
   *     written, or images are asked for and Java has no font
   * @throws io.sparsescope.profile.ProfileException if a profile is damaged
   */
  public static List<Path> write(
      List<ReportFile> files, Optional<By> by, Optional<Path> svg, Optional<Path> png) {
    if (png.isPresent()) {
      Raster.requireFonts();
    }
    svg.ifPresent(ReportPictures::makeFolder);
    png.ifPresent(ReportPictures::makeFolder);
    List<Picture> pictures = PictureScript.draw(ReportPage.forPictures(files, by));
    if (pictures.isEmpty()) {
      throw new ExperimentException("nothing to plot: the files hold no layer, step or run");
    }
    List<String> names = PictureNames.of(pictures);
    List<Path> written = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Picture picture = pictures.get(i);
      if (svg.isPresent()) {
        byte[] text = picture.svg().getBytes(StandardCharsets.UTF_8);
        written.add(write(text, svg.get().resolve(names.get(i) + ".svg")));
      }
      if (png.isPresent()) {
        written.add(write(Raster.png(picture), png.get().resolve(names.get(i) + ".png")));
      }
    }
    return written;
  }

  private static Path write(byte[] bytes, Path file) {
    TextFile.write(bytes, file, "picture");
    return file;
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new ExperimentException(
          folder
              + ": cannot make the folder for pictures ("
              + (Files.exists(folder) ? "a file is there" : TextFile.reason(e))
              + "); name a folder, or a place where one can be made",
          e);
    }
  }
}
