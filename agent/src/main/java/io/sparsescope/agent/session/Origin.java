package io.sparsescope.agent.session;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.OnnxException;
import java.nio.file.Path;

/**
 * The file that a model comes from.
 *
 * @param stamp from before the model was looked at; a change since shows in it
 */
record Origin(Path path, FileStamp stamp) {
  /** Bytes. */
  long size() {
    return (Long) stamp.size();
  }

  /** Whether a path leads to the file as it was. */
  boolean isAt(Path other) {
    return FileStamp.of(other).filter(stamp::equals).isPresent();
  }

  /**
   * Opens the file.
   *
   * @throws OnnxException if it is not as it was
   */
  ModelFile open() {
    ModelFile model = ModelFile.open(path);
    if (!isAt(path)) {
      model.close();
      throw new OnnxException(path + ": changes while it is loaded");
    }
    return model;
  }
}
