/**
 * One invoice of our own in both syntaxes: a maker of looms in Kyoto sells to a weaver in Chemnitz, free of tax as an export.
 * Lines 2,400.00 + 350.55, an allowance of 50.55, a charge of 100.00: 2,800.00 without VAT, and none with it; 300.00 are paid.
 */
export const ublSample = `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>京-2026-0117</cbc:ID>
  <cbc:IssueDate>2026-04-14</cbc:IssueDate>
  <cbc:DueDate>2026-05-14</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:Note>#AAI#Spare parts are delivered separately</cbc:Note>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>Weberei 7</cbc:BuyerReference>
  <cac:InvoicePeriod><cbc:StartDate>2026-03-01</cbc:StartDate><cbc:EndDate>2026-03-31</cbc:EndDate></cac:InvoicePeriod>
  <cac:OrderReference><cbc:ID>B-4711</cbc:ID></cac:OrderReference>
  <cac:AdditionalDocumentReference>
    <cbc:ID>packing-list</cbc:ID>
    <cbc:DocumentDescription>Packing list</cbc:DocumentDescription>
    <cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="text/csv" filename="packing.csv">YSxiCg==</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>
  </cac:AdditionalDocumentReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID="0188">7000012050002</cbc:EndpointID>
    <cac:PartyIdentification><cbc:ID schemeID="0188">7000012050002</cbc:ID></cac:PartyIdentification>
    <cac:PartyName><cbc:Name>Nishijin Looms</cbc:Name></cac:PartyName>
    <cac:PostalAddress>
      <cbc:StreetName>堀川通 12</cbc:StreetName><cbc:CityName>京都市</cbc:CityName><cbc:PostalZone>602-0001</cbc:PostalZone>
      <cac:Country><cbc:IdentificationCode>JP</cbc:IdentificationCode></cac:Country>
    </cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>JPT7000012050002</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>西陣織機株式会社</cbc:RegistrationName></cac:PartyLegalEntity>
    <cac:Contact><cbc:Name>Sales desk</cbc:Name><cbc:Telephone>+81 75 000 0000</cbc:Telephone><cbc:ElectronicMail>sales@looms.example</cbc:ElectronicMail></cac:Contact>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cbc:EndpointID schemeID="9930">DE129273398</cbc:EndpointID>
    <cac:PostalAddress>
      <cbc:StreetName>Webergasse 3</cbc:StreetName><cbc:CityName>Chemnitz</cbc:CityName><cbc:PostalZone>09111</cbc:PostalZone>
      <cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>
    </cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>DE129273398</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>Weberei Chemnitz GmbH</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:Delivery>
    <cbc:ActualDeliveryDate>2026-04-10</cbc:ActualDeliveryDate>
    <cac:DeliveryLocation><cac:Address><cbc:CityName>Chemnitz</cbc:CityName><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:Address></cac:DeliveryLocation>
  </cac:Delivery>
  <cac:PaymentMeans>
    <cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>RF18 5390 0754 7034</cbc:PaymentID>
    <cac:PayeeFinancialAccount><cbc:ID>0123456789</cbc:ID><cbc:Name>Nishijin Looms</cbc:Name></cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:PaymentTerms><cbc:Note>30 days</cbc:Note></cac:PaymentTerms>
  <cac:AllowanceCharge>
    <cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:AllowanceChargeReason>Fair</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">50.55</cbc:Amount>
    <cac:TaxCategory><cbc:ID>G</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
  </cac:AllowanceCharge>
  <cac:AllowanceCharge>
    <cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:AllowanceChargeReasonCode>FC</cbc:AllowanceChargeReasonCode><cbc:Amount currencyID="EUR">100.00</cbc:Amount>
    <cac:TaxCategory><cbc:ID>G</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>
  </cac:AllowanceCharge>
  <cac:TaxTotal>
    <cbc:TaxAmount currencyID="EUR">0.00</cbc:TaxAmount>
    <cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="EUR">2800.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">0.00</cbc:TaxAmount>
      <cac:TaxCategory>
        <cbc:ID>G</cbc:ID><cbc:Percent>0</cbc:Percent><cbc:TaxExemptionReasonCode>VATEX-EU-G</cbc:TaxExemptionReasonCode><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:TaxCategory>
    </cac:TaxSubtotal>
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="EUR">2750.55</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">2800.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">2800.00</cbc:TaxInclusiveAmount><cbc:AllowanceTotalAmount currencyID="EUR">50.55</cbc:AllowanceTotalAmount>
    <cbc:ChargeTotalAmount currencyID="EUR">100.00</cbc:ChargeTotalAmount><cbc:PrepaidAmount currencyID="EUR">300.00</cbc:PrepaidAmount>
    <cbc:PayableAmount currencyID="EUR">2500.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine>
    <cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="H87">2</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">2400.00</cbc:LineExtensionAmount>
    <cac:Item>
      <cbc:Name>Table loom</cbc:Name>
      <cac:CommodityClassification><cbc:ItemClassificationCode listID="HS">8446</cbc:ItemClassificationCode></cac:CommodityClassification>
      <cac:ClassifiedTaxCategory><cbc:ID>G</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>
      <cac:AdditionalItemProperty><cbc:Name>Width</cbc:Name><cbc:Value>60 cm</cbc:Value></cac:AdditionalItemProperty>
    </cac:Item>
    <cac:Price>
      <cbc:PriceAmount currencyID="EUR">1200.00</cbc:PriceAmount>
      <cac:AllowanceCharge>
        <cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount currencyID="EUR">50.00</cbc:Amount><cbc:BaseAmount currencyID="EUR">1250.00</cbc:BaseAmount>
      </cac:AllowanceCharge>
    </cac:Price>
  </cac:InvoiceLine>
  <cac:InvoiceLine>
    <cbc:ID>2</cbc:ID><cbc:InvoicedQuantity unitCode="KGM">10</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">350.55</cbc:LineExtensionAmount>
    <cac:AllowanceCharge>
      <cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:AllowanceChargeReason>Sample</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">9.45</cbc:Amount>
    </cac:AllowanceCharge>
    <cac:Item>
      <cbc:Name>Silk yarn</cbc:Name>
      <cac:ClassifiedTaxCategory><cbc:ID>G</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>
    </cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="EUR">36</cbc:PriceAmount></cac:Price>
  </cac:InvoiceLine>
</Invoice>
`

/** The same in CII, with other prefixes of namespaces, other forms of numbers, and allowance and charge the other way round. */
export const ciiSample = `<?xml version="1.0" encoding="UTF-8"?>
<a:CrossIndustryInvoice xmlns:a="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:r="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:u="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <a:ExchangedDocumentContext><r:GuidelineSpecifiedDocumentContextParameter><r:ID>urn:cen.eu:en16931:2017</r:ID></r:GuidelineSpecifiedDocumentContextParameter></a:ExchangedDocumentContext>
  <a:ExchangedDocument>
    <r:ID>京-2026-0117</r:ID><r:TypeCode>380</r:TypeCode>
    <r:IssueDateTime><u:DateTimeString format="102">20260414</u:DateTimeString></r:IssueDateTime>
    <r:IncludedNote><r:Content>Spare parts are   delivered separately</r:Content><r:SubjectCode>AAI</r:SubjectCode></r:IncludedNote>
  </a:ExchangedDocument>
  <a:SupplyChainTradeTransaction>
    <r:IncludedSupplyChainTradeLineItem>
      <r:AssociatedDocumentLineDocument><r:LineID>1</r:LineID></r:AssociatedDocumentLineDocument>
      <r:SpecifiedTradeProduct>
        <r:Name>Table loom</r:Name>
        <r:ApplicableProductCharacteristic><r:Description>Width</r:Description><r:Value>60 cm</r:Value></r:ApplicableProductCharacteristic>
        <r:DesignatedProductClassification><r:ClassCode listID="HS">8446</r:ClassCode></r:DesignatedProductClassification>
      </r:SpecifiedTradeProduct>
      <r:SpecifiedLineTradeAgreement>
        <r:GrossPriceProductTradePrice>
          <r:ChargeAmount>1250</r:ChargeAmount>
          <r:AppliedTradeAllowanceCharge><r:ChargeIndicator><u:Indicator>false</u:Indicator></r:ChargeIndicator><r:ActualAmount>50</r:ActualAmount></r:AppliedTradeAllowanceCharge>
        </r:GrossPriceProductTradePrice>
        <r:NetPriceProductTradePrice><r:ChargeAmount>1200.000</r:ChargeAmount></r:NetPriceProductTradePrice>
      </r:SpecifiedLineTradeAgreement>
      <r:SpecifiedLineTradeDelivery><r:BilledQuantity unitCode="H87">2.0</r:BilledQuantity></r:SpecifiedLineTradeDelivery>
      <r:SpecifiedLineTradeSettlement>
        <r:ApplicableTradeTax><r:TypeCode>VAT</r:TypeCode><r:CategoryCode>G</r:CategoryCode><r:RateApplicablePercent>0.00</r:RateApplicablePercent></r:ApplicableTradeTax>
        <r:SpecifiedTradeSettlementLineMonetarySummation><r:LineTotalAmount>2400</r:LineTotalAmount></r:SpecifiedTradeSettlementLineMonetarySummation>
      </r:SpecifiedLineTradeSettlement>
    </r:IncludedSupplyChainTradeLineItem>
    <r:IncludedSupplyChainTradeLineItem>
      <r:AssociatedDocumentLineDocument><r:LineID>2</r:LineID></r:AssociatedDocumentLineDocument>
      <r:SpecifiedTradeProduct><r:Name>Silk yarn</r:Name></r:SpecifiedTradeProduct>
      <r:SpecifiedLineTradeAgreement><r:NetPriceProductTradePrice><r:ChargeAmount>36</r:ChargeAmount></r:NetPriceProductTradePrice></r:SpecifiedLineTradeAgreement>
      <r:SpecifiedLineTradeDelivery><r:BilledQuantity unitCode="KGM">10</r:BilledQuantity></r:SpecifiedLineTradeDelivery>
      <r:SpecifiedLineTradeSettlement>
        <r:ApplicableTradeTax><r:TypeCode>VAT</r:TypeCode><r:CategoryCode>G</r:CategoryCode><r:RateApplicablePercent>0</r:RateApplicablePercent></r:ApplicableTradeTax>
        <r:SpecifiedTradeAllowanceCharge><r:ChargeIndicator><u:Indicator>false</u:Indicator></r:ChargeIndicator><r:ActualAmount>9.45</r:ActualAmount><r:Reason>Sample</r:Reason></r:SpecifiedTradeAllowanceCharge>
        <r:SpecifiedTradeSettlementLineMonetarySummation><r:LineTotalAmount>350.55</r:LineTotalAmount></r:SpecifiedTradeSettlementLineMonetarySummation>
      </r:SpecifiedLineTradeSettlement>
    </r:IncludedSupplyChainTradeLineItem>
    <r:ApplicableHeaderTradeAgreement>
      <r:BuyerReference>Weberei 7</r:BuyerReference>
      <r:SellerTradeParty>
        <r:GlobalID schemeID="0188">7000012050002</r:GlobalID><r:Name>西陣織機株式会社</r:Name>
        <r:SpecifiedLegalOrganization><r:TradingBusinessName>Nishijin Looms</r:TradingBusinessName></r:SpecifiedLegalOrganization>
        <r:DefinedTradeContact>
          <r:PersonName>Sales desk</r:PersonName>
          <r:TelephoneUniversalCommunication><r:CompleteNumber>+81 75 000 0000</r:CompleteNumber></r:TelephoneUniversalCommunication>
          <r:EmailURIUniversalCommunication><r:URIID>sales@looms.example</r:URIID></r:EmailURIUniversalCommunication>
        </r:DefinedTradeContact>
        <r:PostalTradeAddress><r:PostcodeCode>602-0001</r:PostcodeCode><r:LineOne>堀川通 12</r:LineOne><r:CityName>京都市</r:CityName><r:CountryID>JP</r:CountryID></r:PostalTradeAddress>
        <r:URIUniversalCommunication><r:URIID schemeID="0188">7000012050002</r:URIID></r:URIUniversalCommunication>
        <r:SpecifiedTaxRegistration><r:ID schemeID="VA">JPT7000012050002</r:ID></r:SpecifiedTaxRegistration>
      </r:SellerTradeParty>
      <r:BuyerTradeParty>
        <r:Name>Weberei Chemnitz GmbH</r:Name>
        <r:PostalTradeAddress><r:PostcodeCode>09111</r:PostcodeCode><r:LineOne>Webergasse 3</r:LineOne><r:CityName>Chemnitz</r:CityName><r:CountryID>DE</r:CountryID></r:PostalTradeAddress>
        <r:URIUniversalCommunication><r:URIID schemeID="9930">DE129273398</r:URIID></r:URIUniversalCommunication>
        <r:SpecifiedTaxRegistration><r:ID schemeID="VA">DE129273398</r:ID></r:SpecifiedTaxRegistration>
      </r:BuyerTradeParty>
      <r:BuyerOrderReferencedDocument><r:IssuerAssignedID>B-4711</r:IssuerAssignedID></r:BuyerOrderReferencedDocument>
      <r:AdditionalReferencedDocument>
        <r:IssuerAssignedID>packing-list</r:IssuerAssignedID><r:TypeCode>916</r:TypeCode><r:Name>Packing list</r:Name>
        <r:AttachmentBinaryObject mimeCode="text/csv" filename="packing.csv">YSxi
          Cg==</r:AttachmentBinaryObject>
      </r:AdditionalReferencedDocument>
    </r:ApplicableHeaderTradeAgreement>
    <r:ApplicableHeaderTradeDelivery>
      <r:ShipToTradeParty><r:PostalTradeAddress><r:CityName>Chemnitz</r:CityName><r:CountryID>DE</r:CountryID></r:PostalTradeAddress></r:ShipToTradeParty>
      <r:ActualDeliverySupplyChainEvent><r:OccurrenceDateTime><u:DateTimeString format="102">20260410</u:DateTimeString></r:OccurrenceDateTime></r:ActualDeliverySupplyChainEvent>
    </r:ApplicableHeaderTradeDelivery>
    <r:ApplicableHeaderTradeSettlement>
      <r:PaymentReference>RF18 5390 0754 7034</r:PaymentReference><r:InvoiceCurrencyCode>EUR</r:InvoiceCurrencyCode>
      <r:SpecifiedTradeSettlementPaymentMeans>
        <r:TypeCode>30</r:TypeCode>
        <r:PayeePartyCreditorFinancialAccount><r:AccountName>Nishijin Looms</r:AccountName><r:ProprietaryID>0123456789</r:ProprietaryID></r:PayeePartyCreditorFinancialAccount>
      </r:SpecifiedTradeSettlementPaymentMeans>
      <r:ApplicableTradeTax>
        <r:CalculatedAmount>0</r:CalculatedAmount><r:TypeCode>VAT</r:TypeCode><r:BasisAmount>2800</r:BasisAmount><r:CategoryCode>G</r:CategoryCode>
        <r:ExemptionReasonCode>VATEX-EU-G</r:ExemptionReasonCode><r:RateApplicablePercent>0</r:RateApplicablePercent>
      </r:ApplicableTradeTax>
      <r:BillingSpecifiedPeriod>
        <r:StartDateTime><u:DateTimeString format="102">20260301</u:DateTimeString></r:StartDateTime>
        <r:EndDateTime><u:DateTimeString format="102">20260331</u:DateTimeString></r:EndDateTime>
      </r:BillingSpecifiedPeriod>
      <r:SpecifiedTradeAllowanceCharge>
        <r:ChargeIndicator><u:Indicator>true</u:Indicator></r:ChargeIndicator><r:ActualAmount>100</r:ActualAmount><r:ReasonCode>FC</r:ReasonCode>
        <r:CategoryTradeTax><r:TypeCode>VAT</r:TypeCode><r:CategoryCode>G</r:CategoryCode><r:RateApplicablePercent>0</r:RateApplicablePercent></r:CategoryTradeTax>
      </r:SpecifiedTradeAllowanceCharge>
      <r:SpecifiedTradeAllowanceCharge>
        <r:ChargeIndicator><u:Indicator>false</u:Indicator></r:ChargeIndicator><r:ActualAmount>50.55</r:ActualAmount><r:Reason>Fair</r:Reason>
        <r:CategoryTradeTax><r:TypeCode>VAT</r:TypeCode><r:CategoryCode>G</r:CategoryCode><r:RateApplicablePercent>0</r:RateApplicablePercent></r:CategoryTradeTax>
      </r:SpecifiedTradeAllowanceCharge>
      <r:SpecifiedTradePaymentTerms>
        <r:Description>30 days</r:Description><r:DueDateDateTime><u:DateTimeString format="102">20260514</u:DateTimeString></r:DueDateDateTime>
      </r:SpecifiedTradePaymentTerms>
      <r:SpecifiedTradeSettlementHeaderMonetarySummation>
        <r:LineTotalAmount>2750.55</r:LineTotalAmount><r:ChargeTotalAmount>100</r:ChargeTotalAmount><r:AllowanceTotalAmount>50.55</r:AllowanceTotalAmount>
        <r:TaxBasisTotalAmount>2800</r:TaxBasisTotalAmount><r:TaxTotalAmount currencyID="EUR">0</r:TaxTotalAmount><r:GrandTotalAmount>2800</r:GrandTotalAmount>
        <r:TotalPrepaidAmount>300</r:TotalPrepaidAmount><r:DuePayableAmount>2500</r:DuePayableAmount>
      </r:SpecifiedTradeSettlementHeaderMonetarySummation>
    </r:ApplicableHeaderTradeSettlement>
  </a:SupplyChainTradeTransaction>
</a:CrossIndustryInvoice>
`
