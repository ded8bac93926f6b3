package io.sparsescope.agent.session;

import io.sparsescope.agent.nativecount.NativeSession;
import io.sparsescope.agent.session.Original.UnkeptException;
import io.sparsescope.onnx.ModelFile;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the application's model is to be found again. Keeps none of its bytes; one that has changed
 * is not taken for the one that was loaded.
 */
interface OriginalModel {

  /**
   * Creates a session of it.
   *
   * @throws UnkeptException if it has changed or is gone
   * @throws IllegalStateException with ONNX Runtime's message
   */
  long create(long api, long environment, long options) throws UnkeptException;

  /**
   * A model in a file.
   *
   * @param path the application's name of it
   * @param model the model, still open
   */
  static OriginalModel ofFile(String path, PreparedModel model) throws UnkeptException {
    Map<Path, FileStamp> data = new HashMap<>();
    for (Path external : model.externalFiles().values()) {
      data.put(external, FileStamp.of(external).orElseThrow(() -> InFile.changed(external)));
    }
    return new InFile(path, Path.of(path), model.info().sha256(), Map.copyOf(data));
  }

  /**
   * A model in memory, for as long as the application keeps it.
   *
   * @param memory a {@code byte[]}, or a direct buffer
   * @param position where it begins
   * @param size its length in bytes
   * @param model the model, still open
   */
  static OriginalModel ofMemory(Object memory, int position, int size, PreparedModel model)
      throws UnkeptException {
    if (model.hasExternalData()) {
      throw new UnkeptException("its model in memory refers to files");
    }
    return new InMemory(new WeakReference<>(memory), position, size, model.info().sha256());
  }

  /**
   * In a file.
   *
   * @param digest of the model, SHA-256
   * @param data the files of its external data, with what they were
   */
  record InFile(String path, Path file, String digest, Map<Path, FileStamp> data)
      implements OriginalModel {

    @Override
    public long create(long api, long environment, long options) throws UnkeptException {
      Optional<FileStamp> before = FileStamp.of(file);
      try (ModelFile model = ModelFile.open(file)) {
        if (before.isEmpty() || !model.sha256().equals(digest)) {
          throw changed(file);
        }
      } catch (RuntimeException e) {
        throw changed(file);
      }
      requireSameData();
      long session = NativeSession.create(api, environment, path, options);
      try {
        if (!FileStamp.of(file).equals(before)) {
          throw changed(file);
        }
        requireSameData();
        return session;
      } catch (UnkeptException e) {
        NativeSession.close(api, session);
        throw e;
      }
    }

    /** Links to a file, such as those that we make, are no change of it. */
    private void requireSameData() throws UnkeptException {
      for (Map.Entry<Path, FileStamp> entry : data.entrySet()) {
        if (FileStamp.of(entry.getKey()).filter(entry.getValue()::isSameContent).isEmpty()) {
          throw changed(entry.getKey());
        }
      }
    }

    private static UnkeptException changed(Path file) {
      return new UnkeptException(file + " was changed since, or is gone");
    }
  }

  /**
   * In the application's memory.
   *
   * @param digest of the model, SHA-256
   */
  record InMemory(WeakReference<Object> memory, int position, int size, String digest)
      implements OriginalModel {

    @Override
    public long create(long api, long environment, long options) throws UnkeptException {
      Object kept = memory.get();
      if (kept == null) {
        throw new UnkeptException("its model was in memory, and the application has let go of it");
      }
      // A copy, which nobody changes while it is read.
      ByteBuffer copy = ByteBuffer.allocateDirect(size);
      if (kept instanceof byte[] bytes) {
        copy.put(bytes, position, size);
      } else {
        copy.put(((ByteBuffer) kept).duplicate().limit(position + size).position(position));
      }
      copy.flip();
      try (ModelFile model = ModelFile.of(SessionModels.UNNAMED, copy)) {
        if (!model.sha256().equals(digest)) {
          throw new UnkeptException("its model was in memory, and the application has changed it");
        }
      } catch (RuntimeException e) {
        throw new UnkeptException("its model was in memory, and the application has changed it");
      }
      return NativeSession.create(api, environment, copy, options);
    }
  }
}
