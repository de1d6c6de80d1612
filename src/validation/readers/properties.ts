import type { Encoding, SchemaAt, Style } from '../../contract/model.ts';
import { contentField, jsonItemsField, styleField } from '../carriers.ts';
import type { Field } from '../fields.ts';
import { shapeOf } from '../shape.ts';
import { type Carrier, kindOf } from '../styles/style.ts';
import type { JsonLimits } from './json.ts';
import { isJson } from './names.ts';

/**
 * A property of a form as a field (OpenAPI 3.2, Encoding Object): by its stated media type or style; else objects are
 * JSON, arrays are repeated, everything else is text.
 */
export function propertyField(
  name: string,
  at: SchemaAt,
  encoding: Encoding | undefined,
  where: string,
  limits: JsonLimits,
): Field {
  const shape = shapeOf(at);
  const style: Style = encoding?.style ?? 'form';
  const carrier: Carrier = {
    name,
    in: where,
    explode: encoding?.explode ?? style === 'form',
    allowEmptyValue: false,
    shape,
  };
  const reserved = encoding?.allowReserved ?? false;
  if (encoding?.contentType !== undefined && isJson(encoding.contentType))
    return contentField(carrier, 'application/json', reserved, limits);
  if (encoding?.style === undefined && encoding?.explode === undefined) {
    const kind = kindOf(shape);
    if (kind === 'object') return contentField(carrier, 'application/json', reserved, limits);
    if (kind === 'array' && kindOf(shapeOf(shape.items)) !== 'scalar') return jsonItemsField(carrier, limits);
  }
  return styleField(carrier, style, reserved);
}
