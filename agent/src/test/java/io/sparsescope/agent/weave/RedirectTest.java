package io.sparsescope.agent.weave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** On the classes of the ONNX Runtime that the build compiles against. */
class RedirectTest {

  @Test
  void redirectsEveryCallOfAKnownNativeMethod() throws IOException {
    List<String> before = calls(session());
    ClassReader reader = new ClassReader(session());

    List<String> after = calls(Redirect.apply(reader, Shape.SESSION));

    assertThat(before).filteredOn(call -> call.startsWith(NativeCall.BRIDGE)).isEmpty();
    assertThat(after)
        .filteredOn(call -> call.startsWith(NativeCall.BRIDGE))
        .containsExactlyInAnyOrder(
            NativeCall.BRIDGE + ".createSession",
            NativeCall.BRIDGE + ".createSession",
            NativeCall.BRIDGE + ".createSession",
            NativeCall.BRIDGE + ".getNumOutputs",
            NativeCall.BRIDGE + ".getOutputNames",
            NativeCall.BRIDGE + ".getOutputInfo",
            NativeCall.BRIDGE + ".getInputInfo",
            NativeCall.BRIDGE + ".constructMetadata",
            NativeCall.BRIDGE + ".getProfilingStartTimeInNs",
            NativeCall.BRIDGE + ".endProfiling",
            NativeCall.BRIDGE + ".run",
            NativeCall.BRIDGE + ".closeSession");
    assertThat(after).hasSameSizeAs(before);
  }

  @Test
  void addsNoMemberSoThatALoadedClassCanBeTransformed() throws IOException {
    ClassReader reader = new ClassReader(session());

    assertThat(members(Redirect.apply(reader, Shape.SESSION))).isEqualTo(members(session()));
  }

  @Test
  void callsBridgeMethodsThatExist() throws IOException {
    List<NativeCall> all = new ArrayList<>();
    for (Shape shape : Shape.ALL) {
      all.addAll(shape.required());
      all.addAll(shape.optional());
      all.addAll(shape.anyOf());
    }
    List<String> bridge = members(bytes(NativeCall.BRIDGE));

    assertThat(all)
        .allSatisfy(c -> assertThat(bridge).contains(c.bridgeName() + c.bridgeDescriptor()));
  }

  @Test
  void refusesASessionWithoutAMethodWeNeed() {
    assertThatThrownBy(() -> match(name -> name.equals("closeSession") ? "shutSession" : name))
        .isInstanceOf(UnknownShapeException.class)
        .hasMessage("its native method closeSession(JJ)V is missing");
  }

  @Test
  void refusesASessionWithAMethodWeDoNotKnow() {
    assertThatThrownBy(() -> match(name -> name.equals("getNumInputs") ? "getNumDevices" : name))
        .isInstanceOf(UnknownShapeException.class)
        .hasMessage("its native method getNumDevices(JJ)J is not known");
  }

  @Test
  void refusesASessionWithoutAKnownWayToRun() {
    assertThatThrownBy(() -> match(name -> name.equals("run") ? "execute" : name))
        .isInstanceOf(UnknownShapeException.class)
        .hasMessageContaining("0 known forms of the native method run");
  }

  @Test
  void ignoresNativeMethodsThatOptionsGain() throws IOException {
    byte[] renamed =
        renamed(
            bytes(Shape.OPTIONS.className()),
            name -> name.equals("addConfigEntry") ? "addSomethingNew" : name);

    assertThat(Shape.OPTIONS.match(new ClassReader(renamed))).hasSize(5);
  }

  @Test
  void refusesASessionThatRunsWithAnotherMapThanItWasGiven() throws IOException {
    ClassReader reader = new ClassReader(assigningInputs(session()));

    assertThatThrownBy(() -> Shape.SESSION.match(reader))
        .isInstanceOf(UnknownShapeException.class)
        .hasMessageContaining("where the map of inputs is not at hand");
  }

  @Test
  void tellsTheBridgeOfProvidersAndOfInitializersAndOfNothingElse() throws IOException {
    ClassReader reader = new ClassReader(bytes(Shape.OPTIONS.className()));
    List<String> told = new ArrayList<>();
    List<String> initializers = new ArrayList<>();
    new ClassReader(Redirect.apply(reader, Shape.OPTIONS))
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] thrown) {
                return new MethodVisitor(Opcodes.ASM9) {
                  @Override
                  public void visitMethodInsn(
                      int opcode, String owner, String called, String type, boolean isInterface) {
                    if (called.equals("addsProvider")) {
                      told.add(name);
                    } else if (called.equals("addsInitializer")) {
                      initializers.add(name);
                    }
                  }
                };
              }
            },
            0);

    assertThat(told)
        .contains("addCUDA", "addDnnl", "addCoreML", "addXnnpack", "addQnn", "addExecutionProvider")
        .doesNotContain("addCPU", "addConfigEntry", "addInitializer", "addExternalInitializers");
    assertThat(initializers).containsOnly("addInitializer", "addExternalInitializers");
  }

  @Test
  void refusesOptionsThatHideTheirAddress() throws IOException {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(bytes(Shape.OPTIONS.className()))
        .accept(
            new ClassVisitor(Opcodes.ASM9, writer) {
              @Override
              public FieldVisitor visitField(
                  int access, String name, String descriptor, String signature, Object value) {
                return super.visitField(access, "other" + name, descriptor, signature, value);
              }
            },
            0);

    assertThatThrownBy(() -> Shape.OPTIONS.match(new ClassReader(writer.toByteArray())))
        .isInstanceOf(UnknownShapeException.class)
        .hasMessage("its field nativeHandle is missing");
  }

  /** A class whose methods begin with putting null in the place of their first argument. */
  private static byte[] assigningInputs(byte[] original) {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(original)
        .accept(
            new ClassVisitor(Opcodes.ASM9, writer) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] thrown) {
                MethodVisitor next = super.visitMethod(access, name, descriptor, signature, thrown);
                return new MethodVisitor(Opcodes.ASM9, next) {
                  @Override
                  public void visitCode() {
                    super.visitCode();
                    if (name.equals("run")) {
                      visitInsn(Opcodes.ACONST_NULL);
                      visitVarInsn(Opcodes.ASTORE, Redirect.INPUTS);
                    }
                  }
                };
              }
            },
            0);
    return writer.toByteArray();
  }

  /** Calls of the bridge in a class. */
  static List<String> bridgeCalls(byte[] bytes) {
    return calls(bytes).stream().filter(call -> call.startsWith(NativeCall.BRIDGE)).toList();
  }

  private static void match(UnaryOperator<String> rename) throws IOException {
    Shape.SESSION.match(new ClassReader(renamed(session(), rename)));
  }

  private static byte[] session() throws IOException {
    return bytes(Shape.SESSION.className());
  }

  private static byte[] bytes(String className) throws IOException {
    try (InputStream in =
        RedirectTest.class.getClassLoader().getResourceAsStream(className + ".class")) {
      return in.readAllBytes();
    }
  }

  /** The class with native methods, and calls of them, under other names. */
  private static byte[] renamed(byte[] original, UnaryOperator<String> rename) {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(original)
        .accept(
            new ClassVisitor(Opcodes.ASM9, writer) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] thrown) {
                boolean isNative = (access & Opcodes.ACC_NATIVE) != 0;
                return super.visitMethod(
                    access, isNative ? rename.apply(name) : name, descriptor, signature, thrown);
              }
            },
            0);
    return writer.toByteArray();
  }

  private static List<String> members(byte[] bytes) {
    List<String> members = new ArrayList<>();
    new ClassReader(bytes)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] thrown) {
                members.add(name + descriptor);
                return null;
              }
            },
            0);
    return members;
  }

  private static List<String> calls(byte[] bytes) {
    List<String> calls = new ArrayList<>();
    new ClassReader(bytes)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] thrown) {
                return new MethodVisitor(Opcodes.ASM9) {
                  @Override
                  public void visitMethodInsn(
                      int opcode, String owner, String called, String type, boolean isInterface) {
                    calls.add(owner + "." + called);
                  }
                };
              }
            },
            0);
    return calls;
  }
}
