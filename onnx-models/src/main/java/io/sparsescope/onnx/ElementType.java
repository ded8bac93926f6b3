package io.sparsescope.onnx;

/**
 * Element types of ONNX tensors (TensorProto.DataType), with the number and size ONNX gives them.
 */
public enum ElementType {
  UNDEFINED(0, 0, "undefined"),
  FLOAT(1, 32, "float32"),
  UINT8(2, 8, "uint8"),
  INT8(3, 8, "int8"),
  UINT16(4, 16, "uint16"),
  INT16(5, 16, "int16"),
  INT32(6, 32, "int32"),
  INT64(7, 64, "int64"),
  STRING(8, 0, "string"),
  BOOL(9, 8, "bool"),
  FLOAT16(10, 16, "float16"),
  DOUBLE(11, 64, "float64"),
  UINT32(12, 32, "uint32"),
  UINT64(13, 64, "uint64"),
  COMPLEX64(14, 64, "complex64"),
  COMPLEX128(15, 128, "complex128"),
  BFLOAT16(16, 16, "bfloat16"),
  FLOAT8E4M3FN(17, 8, "float8e4m3fn"),
  FLOAT8E4M3FNUZ(18, 8, "float8e4m3fnuz"),
  FLOAT8E5M2(19, 8, "float8e5m2"),
  FLOAT8E5M2FNUZ(20, 8, "float8e5m2fnuz"),
  UINT4(21, 4, "uint4"),
  INT4(22, 4, "int4"),
  FLOAT4E2M1(23, 4, "float4e2m1"),
  FLOAT8E8M0(24, 8, "float8e8m0"),
  UINT2(25, 2, "uint2"),
  INT2(26, 2, "int2");

  private static final ElementType[] BY_NUMBER = values();

  private final int number;
  private final int bits;
  private final String label;

  ElementType(int number, int bits, String label) {
    this.number = number;
    this.bits = bits;
    this.label = label;
  }

  /** The type with ONNX's {@code number}; UNDEFINED for a number this version does not know. */
  public static ElementType of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNDEFINED;
  }

  /** ONNX's number of the type. */
  public int number() {
    return number;
  }

  /** Bits an element takes in raw_data; 0 where elements have no fixed size. */
  public int bits() {
    return bits;
  }

  /** The name that profiles and messages use, for example {@code float32}. */
  public String label() {
    return label;
  }

  /** Whether this is float32, float64, float16 or bfloat16. */
  public boolean isFloat() {
    return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
  }
}
