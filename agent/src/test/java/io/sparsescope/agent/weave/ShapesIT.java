package io.sparsescope.agent.weave;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.objectweb.asm.ClassReader;

/** On the classes of all versions of ONNX Runtime that the build has fetched. */
class ShapesIT {

  static List<Path> versions() throws IOException {
    try (Stream<Path> jars = Files.list(Path.of("target/ort"))) {
      return jars.filter(jar -> jar.toString().endsWith(".jar")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void knowsEveryClassOfTheVersion(Path version) throws IOException {
    try (JarFile jar = new JarFile(version.toFile())) {
      for (Shape shape : Shape.ALL) {
        byte[] bytes =
            jar.getInputStream(jar.getEntry(shape.className() + ".class")).readAllBytes();
        byte[] woven = Redirect.apply(new ClassReader(bytes), shape);

        assertThat(RedirectTest.bridgeCalls(woven))
            .as(shape.className())
            .hasSizeGreaterThanOrEqualTo(shape.required().size() + shape.anyOf().size() / 2);
      }
    }
  }
}
