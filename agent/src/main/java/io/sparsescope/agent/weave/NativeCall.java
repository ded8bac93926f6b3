package io.sparsescope.agent.weave;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Type;

/**
 * A native method whose calls are redirected.
 *
 * @param name its name
 * @param bridgeName the bridge method's name
 * @param descriptor its descriptor
 * @param isStatic whether it has no receiver
 * @param offersBuffer whether the bridge method also wants the native method that creates a session
 *     from a buffer
 * @param offersInputs whether the bridge method also wants the calling method's first argument, the
 *     map of inputs
 */
record NativeCall(
    String name,
    String bridgeName,
    String descriptor,
    boolean isStatic,
    boolean offersBuffer,
    boolean offersInputs) {
  static final String BRIDGE = "io/sparsescope/agent/bootstrap/Bridge";
  private static final Type HANDLE = Type.getObjectType("java/lang/invoke/MethodHandle");
  private static final Type OBJECT = Type.getObjectType("java/lang/Object");
  private static final Type OBJECTS = Type.getType("[Ljava/lang/Object;");

  static NativeCall ofStatic(String name, String descriptor, boolean offersBuffer) {
    return new NativeCall(name, name, descriptor, true, offersBuffer, false);
  }

  static NativeCall ofStaticAs(String bridgeName, String name, String descriptor) {
    return new NativeCall(name, bridgeName, descriptor, true, false, false);
  }

  static NativeCall ofInstance(String name, String descriptor) {
    return new NativeCall(name, name, descriptor, false, false, false);
  }

  static NativeCall ofRun(String descriptor) {
    return new NativeCall("run", "run", descriptor, false, false, true);
  }

  boolean is(String otherName, String otherDescriptor) {
    return name.equals(otherName) && descriptor.equals(otherDescriptor);
  }

  /**
   * The bridge method's descriptor: the receiver in front, method handles at the end, and ONNX
   * Runtime's own types, which the bridge cannot see, as Object.
   */
  String bridgeDescriptor() {
    List<Type> arguments = new ArrayList<>();
    if (!isStatic) {
      arguments.add(OBJECT);
    }
    for (Type argument : Type.getArgumentTypes(descriptor)) {
      arguments.add(erased(argument));
    }
    if (offersInputs) {
      arguments.add(OBJECT);
    }
    arguments.add(HANDLE);
    if (offersBuffer) {
      arguments.add(HANDLE);
    }
    return Type.getMethodDescriptor(
        erased(Type.getReturnType(descriptor)), arguments.toArray(new Type[0]));
  }

  /** Whether what the bridge returns must be cast back. */
  boolean returnsErased() {
    Type type = Type.getReturnType(descriptor);
    return !erased(type).equals(type);
  }

  private static Type erased(Type type) {
    String name = type.getDescriptor();
    if (name.startsWith("[Lai/onnxruntime/")) {
      return OBJECTS;
    }
    return name.startsWith("Lai/onnxruntime/") ? OBJECT : type;
  }
}
