package io.sparsescope.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** An external data file to be written: values one after the other, each at a page's start. */
final class DataFile {
  private static final long PAGE = 4096;

  private record Entry(long offset, Parts.Writer values) {}

  private final String location;
  private final List<Entry> entries = new ArrayList<>();
  private long end;

  /**
   * @param location its name, as the model will refer to it
   */
  DataFile(String location) {
    this.location = location;
  }

  String location() {
    return location;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Takes up so many bytes of values; returns their offset. */
  long add(long bytes, Parts.Writer values) {
    long offset = (end + PAGE - 1) / PAGE * PAGE;
    entries.add(new Entry(offset, values));
    end = offset + bytes;
    return offset;
  }

  void write(FileSink sink) throws IOException {
    for (Entry entry : entries) {
      sink.padTo(entry.offset());
      entry.values().write(sink);
    }
  }
}
