package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A message as it will be written: encoded pieces, ranges of a source, and computed values. */
final class Parts {

  /** One piece of a message. */
  private sealed interface Part permits Encoded, Range, Computed {
    long length();

    void write(Sink sink) throws IOException;
  }

  private record Encoded(byte[] bytes) implements Part {
    @Override
    public long length() {
      return bytes.length;
    }

    @Override
    public void write(Sink sink) throws IOException {
      sink.write(ByteBuffer.wrap(bytes));
    }
  }

  private record Range(ByteSource source, long start, long end) implements Part {
    @Override
    public long length() {
      return end - start;
    }

    @Override
    public void write(Sink sink) throws IOException {
      sink.copy(source, start, end);
    }
  }

  private record Computed(long length, Writer writer) implements Part {
    @Override
    public void write(Sink sink) throws IOException {
      writer.write(sink);
    }
  }

  /** Writes what is only computed while writing. */
  interface Writer {
    void write(Sink sink) throws IOException;
  }

  private final List<Part> list = new ArrayList<>();
  private long length;

  long length() {
    return length;
  }

  void add(byte[] bytes) {
    append(new Encoded(bytes));
  }

  /** Adds a range of a source; ranges that touch become one. */
  void add(ByteSource source, long start, long end) {
    if (!list.isEmpty()
        && list.get(list.size() - 1) instanceof Range last
        && last.source() == source
        && last.end() == start) {
      list.set(list.size() - 1, new Range(source, last.start(), end));
      length += end - start;
    } else {
      append(new Range(source, start, end));
    }
  }

  /** Adds {@code bytes} bytes that {@code writer} will write. */
  void add(long bytes, Writer writer) {
    append(new Computed(bytes, writer));
  }

  /** Adds a message as a field. */
  void add(int field, Parts message) {
    add(Wire.tag(field, message.length()));
    list.addAll(message.list);
    length += message.length();
  }

  private void append(Part part) {
    list.add(part);
    length += part.length();
  }

  void write(Sink sink) throws IOException {
    for (Part part : list) {
      part.write(sink);
    }
  }
}
