import { searchXml, XML_FEATURES } from '../xml-attack/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Is the value mark-up that has an XML parser read files or addresses, grow entities, include or transform documents, or
 * does it leave the CDATA section or the element it is set into?
 */
export const xmlAttack: DetectionClass = {
  name: 'xml-attack',
  title: 'XML attack',
  features: XML_FEATURES,
  documents: true,
  search: (form, _place, sensitivity) => searchXml(form, sensitivity),
};
