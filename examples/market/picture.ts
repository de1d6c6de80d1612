const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex');
const JPEG = Buffer.from('ffd8ff', 'hex');
const JPEG_END = Buffer.from('ffd9', 'hex');
const SIDE = 4_096;

/** Whether the bytes are one whole file of this type: by how it begins and ends, and for PNG by a size that can be. */
export function isPicture(type: string, bytes: Buffer): boolean {
  const whole = (head: Buffer, end: Buffer): boolean =>
    bytes.length >= head.length + end.length &&
    bytes.subarray(0, head.length).equals(head) &&
    bytes.subarray(-end.length).equals(end);
  if (type === 'image/jpeg') return whole(JPEG, JPEG_END);
  if (type !== 'image/png' || !whole(PNG, PNG_END) || bytes.length < 45) return false;
  const fits = (side: number): boolean => side > 0 && side <= SIDE;
  return fits(bytes.readUInt32BE(16)) && fits(bytes.readUInt32BE(20));
}
