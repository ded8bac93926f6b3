package io.sparsescope.experiments.data;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The image files of a folder and their classes. Either a file {@code labels.tsv} in it names them,
 * a line each: the path in the folder, a tab, the class's number. Or the folder holds a folder a
 * class, whose number is its place among them by name; then the classes take turns, so that any
 * number of records from the first holds all classes alike.
 */
final class ImageFolder {
  private static final String LABELS = "labels.tsv";

  private ImageFolder() {}

  /**
   * An image.
   *
   * @param label number of its class
   */
  record Entry(Path file, int label) {}

  static List<Entry> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + ": no such folder; name one with a folder a class");
    }
    Path labels = folder.resolve(LABELS);
    try {
      return Files.exists(labels) ? byFile(folder, labels) : byFolder(folder);
    } catch (MalformedInputException e) {
      throw new DataException(labels + ": is not in UTF-8; save it in UTF-8", e);
    } catch (IOException e) {
      throw new DataException(
          folder + ": cannot be listed (" + e.getMessage() + "); check that it may be read", e);
    }
  }

  private static List<Entry> byFile(Path folder, Path labels) throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<String> lines = Files.readAllLines(labels);
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        entries.add(entry(folder, lines.get(i), labels + ": line " + (i + 1)));
      }
    }
    if (entries.isEmpty()) {
      throw new DataException(labels + ": is empty; write a line an image: file, tab, label");
    }
    return entries;
  }

  private static Entry entry(Path folder, String line, String where) {
    int tab = line.lastIndexOf('\t');
    String label = line.substring(tab + 1).strip();
    if (tab < 1 || !label.matches("[0-9]{1,9}")) {
      throw new DataException(
          where + " is not a file, a tab and a label that is a number from 0; correct it");
    }
    String name = line.substring(0, tab).strip();
    try {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        return new Entry(file, Integer.parseInt(label));
      }
    } catch (InvalidPathException e) {
      // Said below.
    }
    throw new DataException(
        where + " names " + name + ", which is not there; correct the line, or add the file");
  }

  private static List<Entry> byFolder(Path folder) throws IOException {
    List<Path> classes;
    try (Stream<Path> children = Files.list(folder)) {
      classes = children.filter(Files::isDirectory).filter(ImageFolder::shown).sorted().toList();
    }
    if (classes.isEmpty()) {
      throw new DataException(
          folder + ": holds no folders; it should hold a folder a class, or " + LABELS);
    }
    List<List<Path>> files = new ArrayList<>();
    int longest = 0;
    for (Path one : classes) {
      List<Path> images = images(one);
      longest = Math.max(longest, images.size());
      files.add(images);
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < longest; i++) {
      for (int label = 0; label < files.size(); label++) {
        if (i < files.get(label).size()) {
          entries.add(new Entry(files.get(label).get(i), label));
        }
      }
    }
    return entries;
  }

  private static List<Path> images(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> images =
          all.filter(Files::isRegularFile).filter(ImageFolder::shown).sorted().toList();
      if (images.isEmpty()) {
        throw new DataException(
            folder + ": a class without images; add some, or take the folder away");
      }
      return images;
    }
  }

  private static boolean shown(Path path) {
    return !path.getFileName().toString().startsWith(".");
  }
}
