import { shapeOf } from '../shape.ts';
import { asIs, type BodyReader } from './reader.ts';

/** Everything else: bytes, passed on as they are. Their number is all that is judged. */
export const binary: BodyReader = {
  name: 'binary',
  accepts: (type) => !type.startsWith('multipart/') && !type.startsWith('message/'),
  large: true,
  judges: 'none',
  rewritable: false,
  compile(media) {
    const { minLength, maxLength, binary: bytesOnly } = shapeOf(media.schema);
    return (bytes, _type, violations) => {
      if (bytesOnly && bytes.length < minLength) violations.add('body', '', `must have at least ${minLength} bytes`);
      if (bytesOnly && bytes.length > maxLength) violations.add('body', '', `must have at most ${maxLength} bytes`);
      return asIs(undefined, bytes);
    };
  },
  contentType: ({ type }) => type,
};
