package io.sparsescope.it.services;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A program somebody else could have written, built by a module of its own.
 *
 * @param module its folder below integration-tests/services
 * @param main its main class
 * @param arguments what it is started with
 */
public record Service(String module, String main, List<String> arguments) {

  /** Versions of ONNX Runtime it is tried with. */
  static final List<String> ONNX_RUNTIMES = List.of("1.18.0", "1.20.0", "1.21.1", "1.29.0");

  /** A child that runs it on the given JDK and ONNX Runtime. */
  public ChildJvm on(Jdk jdk, String onnxRuntime) {
    Path target = folder();
    return ChildJvm.of(jdk, main)
        .classPath(List.of(target.resolve("classes"), onnxRuntime(onnxRuntime)))
        .jarsOf(target.resolve("runtime"))
        .options(
            "-Xmx512m",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-DDJL_CACHE_DIR=" + Repository.target("djl-cache"))
        .arguments(arguments.toArray(new String[0]))
        .limit(Duration.ofMinutes(2));
  }

  /** Its libraries and classes. */
  Path folder() {
    return Repository.root()
        .resolve("integration-tests/services")
        .resolve(module)
        .resolve("target");
  }

  /** The jar of a version of ONNX Runtime. */
  static Path onnxRuntime(String version) {
    return Repository.root()
        .resolve("integration-tests/target/runtimes/onnxruntime-" + version + ".jar");
  }
}
