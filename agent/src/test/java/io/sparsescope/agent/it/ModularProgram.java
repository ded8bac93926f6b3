package io.sparsescope.agent.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.ModuleVisitor;
import org.objectweb.asm.Opcodes;

/** {@link OrtProgram} as a module that requires ONNX Runtime's. */
final class ModularProgram {
  static final String NAME = "test.application";

  private ModularProgram() {}

  /** Writes the module to a folder, which is handed back. */
  static Path writeTo(Path folder) throws IOException {
    String path = OrtProgram.class.getPackageName().replace('.', '/');
    Path target = Files.createDirectories(folder.resolve(path));
    try (Stream<Path> classes = Files.list(Machine.CLASSES.resolve(path))) {
      for (Path file : classes.toList()) {
        String name = file.getFileName().toString();
        if (name.equals("OrtProgram.class") || name.startsWith("OrtProgram$")) {
          Files.copy(file, target.resolve(name));
        }
      }
    }
    Files.write(folder.resolve("module-info.class"), descriptor());
    return folder;
  }

  private static byte[] descriptor() {
    ClassWriter writer = new ClassWriter(0);
    writer.visit(Opcodes.V17, Opcodes.ACC_MODULE, "module-info", null, null, null);
    ModuleVisitor module = writer.visitModule(NAME, 0, null);
    module.visitRequire("java.base", Opcodes.ACC_MANDATED, null);
    module.visitRequire("com.microsoft.onnxruntime", 0, null);
    module.visitEnd();
    writer.visitEnd();
    return writer.toByteArray();
  }
}
